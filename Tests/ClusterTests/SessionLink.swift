import Cluster
import ClusterTesting
import Messages
import OpenBLAS
import Tensors
import ZeroMQ

/// A worker's session over a network in memory, whose coordinator is played by the test.
final class SessionLink {
    let network = InMemoryNetwork()
    let clock = ManualClock()
    let client: InMemoryClient
    let session: WorkerSession
    let stop = StopRequest()
    private let run = RunID.random()
    private var route: Route?

    /// A session that has sent its greeting.
    init(_ handler: ComputeHandler) throws {
        client = network.connect()
        let settings = WorkerSettings(
            address: .endpoint(network.server.endpoint), name: "w", cache: "/nonexistent",
            timeout: .seconds(60), stop: stop, log: { _ in })
        session = WorkerSession(
            settings, with: "the test", over: client, clock: clock.reading,
            numerics: Numerics.fingerprint(), handler: handler)
        try session.start()
    }

    /// Sends a message of the coordinator's epoch and has the session handle it.
    func tell(_ message: any Message, epoch: UInt64 = 1) throws {
        try send(message, epoch: epoch)
        network.deliverAll()
        try session.turn()
    }

    /// Sends a message without delivering it.
    func send(_ message: any Message, epoch: UInt64 = 1) throws {
        guard let route else { return }
        try network.server.send(WireMessage(message).frames(run: run, epoch: epoch), to: route)
    }

    /// The messages that the session has sent since the last call.
    func takeSent() throws -> [any Message] {
        network.deliverAll()
        var messages: [any Message] = []
        while let received = network.server.receive() {
            route = received.route
            let envelope = try WireMessage.envelope(of: received.frames)
            messages.append(try WireMessage(envelope, received.frames).message)
        }
        return messages
    }

    /// The heartbeats that the session has sent since the last call.
    func takeHeartbeats() throws -> [Heartbeat] {
        try takeSent().compactMap { $0 as? Heartbeat }
    }

    /// Moves the clock forward and gives the session a turn.
    func advance(by duration: Duration) throws {
        clock.advance(to: clock.now + duration)
        try session.turn()
    }
}
