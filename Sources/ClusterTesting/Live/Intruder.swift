import Cluster
import Foundation
package import Messages
import Tensors
package import ZeroMQ

/// A peer that speaks to a coordinator in bytes of its own choice.
package final class Intruder {
    private let socket: Socket
    /// The run and its life as the coordinator last named them.
    package private(set) var life = (run: RunID.none, epoch: UInt64(0))
    /// The work it was last given.
    package private(set) var lease: Messages.Lease?

    /// Calls the coordinator at an endpoint.
    package init(
        at endpoint: Endpoint, security: Security = .none, routingID: [UInt8]? = nil
    ) throws {
        var options = SocketOptions(security: security)
        options.routingID = routingID
        socket = try Socket(.dealer, in: try Context(), options: options)
        try socket.connect(to: endpoint)
    }

    /// Says something in these very frames; false if the coordinator takes no more at the moment.
    @discardableResult
    package func say(_ frames: Frames) throws -> Bool {
        do throws(SocketError) {
            try socket.send(frames.isEmpty ? [Frame([])] : frames.map { Frame($0) })
            return true
        } catch {
            guard error.kind == .wouldBlock else { throw error }
            return false
        }
    }

    /// Says something as a worker of the run at hand would, payloads filled with 0xFF.
    @discardableResult
    package func say(
        _ message: any Message, payloads: [[UInt8]] = [], run: RunID? = nil, epoch: UInt64? = nil
    ) throws -> Bool {
        let (envelope, body) = try message.encode(
            run: run ?? life.run, epoch: epoch ?? life.epoch, payloadSizes: payloads.map(\.count))
        return try say([envelope, body] + payloads)
    }

    /// What it is told next, if anything is told within the time.
    package func hear(within limit: Duration = .seconds(30)) throws -> (any Message)? {
        guard let answer = try socket.receive(within: limit), answer.frames.count >= 2 else {
            return nil
        }
        let (envelope, message) = try MessageCatalogue.decode(
            envelope: answer.frames[0].bytes, body: answer.frames[1].bytes,
            payloadSizes: answer.frames.dropFirst(2).map(\.count))
        if message is Welcome { life = (envelope.run, envelope.epoch) }
        if let given = message as? Messages.Lease { lease = given }
        return message
    }

    /// Hears until something of the kind is said, which must be within the time.
    @discardableResult
    package func hear<Kind: Message>(
        _ kind: Kind.Type, within limit: Duration = .seconds(30)
    ) throws -> Kind {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            guard let message = try hear(within: deadline - .now) else { break }
            if let message = message as? Kind { return message }
        }
        throw LiveError("After \(limit) the coordinator has not said \(kind).")
    }

    /// Introduces itself as a worker, and says that it is ready to work.
    package func join(name: String = "intruder") throws {
        try say(hello(name: name), run: RunID.none, epoch: 0)
        try hear(Welcome.self)
        try say(Heartbeat(progress: 1, phase: 1))
    }

    /// What a worker on this machine says first.
    package func hello(name: String = "intruder") -> any Message {
        let numerics = Self.numerics
        return Hello(
            toolVersion: Version.current, name: name, threads: 1, hostName: "nowhere",
            blasCore: numerics.coreName,
            canary: Digest(numerics.hash)!)
    }

    private static let numerics = Numerics.fingerprint()
}
