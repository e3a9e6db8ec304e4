import Cluster
import Messages
import ZeroMQ

/// Transport of a coordinator that is killed between any two messages that it sends.
final class CrashingTransport: ServerTransport {
    private let server: InMemoryServer
    private let crash: CrashPoint
    /// Gradients received.
    private(set) var gradients = 0

    init(_ server: InMemoryServer, _ crash: CrashPoint) {
        self.server = server
        self.crash = crash
    }

    var endpoint: Endpoint { server.endpoint }

    func receive() -> ReceivedMessage? {
        guard !crash.hasCrashed, let message = server.receive() else { return nil }
        if (try? WireMessage.envelope(of: message.frames))?.kind == PartialSum.kind {
            gradients += 1
        }
        return message
    }

    func send(_ frames: [Frame], to route: Route) throws(TransportError) {
        // Heartbeats and weights are not decisions. Without them the rate of crashes is that of the
        // machine's actions.
        let kind = (try? WireMessage.envelope(of: frames[...]))?.kind
        let isAction = kind != HeartbeatReply.kind && kind != WeightsBucket.kind
        guard isAction ? crash.pass() : !crash.hasCrashed else { return }
        try server.send(frames, to: route)
    }

    func nextChange() -> ConnectionChange? { crash.hasCrashed ? nil : server.nextChange() }

    func disconnect(_ connection: Connection) {
        if !crash.hasCrashed { server.disconnect(connection) }
    }

    func receivedBytes(on connection: Connection) -> Int? { server.receivedBytes(on: connection) }

    func watch(with poller: inout Poller) {}
}
