package import Cluster
import Foundation
package import Messages
import OpenBLAS
import Tensors
package import ZeroMQ

/// Client that sends a coordinator bytes of its own choice.
package final class Intruder {
    private let transport: any ClientTransport
    private let wait: (Duration) throws -> Void
    /// The run id and epoch that the coordinator stated last.
    package private(set) var session = (run: RunID.none, epoch: UInt64(0))
    /// Whether the coordinator's latest message is of another session: it has forgotten this client.
    package private(set) var isStranger = false
    /// The lease that it received last.
    package private(set) var lease: Messages.Lease?

    /// A client over a transport.
    ///
    /// - Parameter wait: waits for messages, or causes them to arrive, for this long at most.
    package init(
        over transport: any ClientTransport, wait: @escaping (Duration) throws -> Void
    ) {
        self.transport = transport
        self.wait = wait
    }

    /// A client of the coordinator at an endpoint.
    package convenience init(at endpoint: Endpoint, security: Security = .none) throws {
        let transport = try DealerTransport(
            to: endpoint, security: security, linger: .zero, in: try Context())
        self.init(over: transport) { limit in
            var poller = Poller()
            transport.watch(with: &poller)
            _ = try poller.wait(upTo: limit)
            // Events of the connection would end every later wait at once.
            _ = try transport.hasDisconnected()
        }
    }

    /// Sends a message of these frames; false if the queue to the coordinator is full.
    @discardableResult
    package func send(_ frames: Frames) throws -> Bool {
        do throws(TransportError) {
            // ZeroMQ has no message without frames.
            try transport.send(frames.isEmpty ? [Frame([])] : frames.map { Frame($0) })
            return true
        } catch {
            guard error == .queueFull else { throw error }
            return false
        }
    }

    /// Sends a message as a worker of the run would.
    @discardableResult
    package func send(
        _ message: any Message, payloads: [[UInt8]] = [], run: RunID? = nil, epoch: UInt64? = nil
    ) throws -> Bool {
        let (envelope, body) = try message.encode(
            run: run ?? session.run, epoch: epoch ?? session.epoch,
            payloadSizes: payloads.map(\.count))
        return try send([envelope, body] + payloads)
    }

    /// The next message, if one arrives within the time.
    package func receive(within limit: Duration = .seconds(30)) throws -> (any Message)? {
        var received = try transport.receive()
        let deadline = ContinuousClock.now + limit
        while received == nil, ContinuousClock.now < deadline {
            try wait(deadline - .now)
            received = try transport.receive()
        }
        guard let frames = received, frames.count >= 2 else { return nil }
        let (envelope, message) = try MessageCatalogue.decode(
            envelope: frames[0].bytes, body: frames[1].bytes,
            payloadSizes: frames.dropFirst(2).map(\.count))
        if message is Welcome { session = (envelope.run, envelope.epoch) }
        isStranger = (envelope.run, envelope.epoch) != session
        if let given = message as? Messages.Lease { lease = given }
        return message
    }

    /// The next message of a kind, which must arrive within the time; others are dropped.
    @discardableResult
    package func receive<Kind: Message>(
        _ kind: Kind.Type, within limit: Duration = .seconds(30)
    ) throws -> Kind {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            guard let message = try receive(within: deadline - .now) else { break }
            if let message = message as? Kind { return message }
        }
        throw LiveError("The coordinator has not sent \(kind) within \(limit).")
    }

    /// Joins as a worker that is ready.
    package func join(name: String = "intruder") throws {
        try send(hello(name: name), run: RunID.none, epoch: 0)
        try receive(Welcome.self)
        try send(Heartbeat(progress: 1, phase: 1))
    }

    /// Joins again after it has been dropped, which ends its connection.
    package func rejoin(name: String = "intruder") throws {
        // A hello that was sent as the connection ended is lost with it. The first wait is short, as a run
        // that is attacked a thousand times would otherwise take minutes; later ones allow for a busy
        // machine.
        var patience = Duration.milliseconds(30)
        for _ in 0..<10 {
            try send(hello(name: name), run: RunID.none, epoch: 0)
            if (try? receive(Welcome.self, within: patience)) != nil {
                try send(Heartbeat(progress: 1, phase: 1))
                return
            }
            patience = patience * 2
        }
        throw LiveError("The coordinator has not sent a welcome within 30 seconds.")
    }

    /// Whether its connection has ended, or the coordinator has forgotten it.
    package func hasEnded() throws -> Bool { try isStranger || transport.hasDisconnected() }

    /// The hello of a worker on this machine.
    ///
    /// - Parameter canary: the hash of its canary computation; nil for this machine's.
    package func hello(
        name: String = "intruder", threads: UInt32 = 1, canary: [UInt8]? = nil
    ) -> any Message {
        let numerics = Self.numerics
        return Hello(
            toolVersion: Version.current, name: name, threads: threads, hostName: "nowhere",
            blasCore: numerics.coreName,
            canary: Digest(canary ?? numerics.hash)!)
    }

    private static let numerics = Numerics.fingerprint()
}
