import Foundation
import Messages
package import Telemetry
package import ZeroMQ

/// Asks a running coordinator how it is doing.
package enum StatusClient {
    /// The answer of the coordinator at an address.
    ///
    /// - Parameters:
    ///   - traced: whether it shall tell what everybody did in the last steps, too.
    ///   - patience: how long it is waited for.
    /// - Throws: one sentence if nobody answers, or nothing that can be understood.
    package static func ask(
        _ endpoint: Endpoint, security: Security = .none, traced: Bool = false,
        patience: Duration = .seconds(5)
    ) throws -> RunStatus {
        let context = try Context()
        var options = SocketOptions(security: security)
        options.linger = .zero
        let socket = try Socket(.dealer, in: context, options: options)
        try socket.connect(to: endpoint)
        let request = WireMessage(StatusRequest(traced: traced))
        try socket.send(try request.frames(run: .none, epoch: 0))
        var poller = Poller()
        _ = poller.add(socket)
        let deadline = ContinuousClock.now + patience
        while ContinuousClock.now < deadline {
            _ = try poller.wait(upTo: .milliseconds(100))
            guard let message = try socket.receive() else { continue }
            let frames = message.frames[...]
            let envelope = try WireMessage.envelope(of: frames)
            switch try WireMessage(envelope, frames).message {
            case let status as Status:
                return try JSONDecoder().decode(RunStatus.self, from: Data(status.json.utf8))
            case let refusal as Refusal: throw WorkerError(refusal.reason)
            default: continue
            }
        }
        throw WorkerError(
            "Nobody answers at \(endpoint) within \(patience): check the address, and whether the "
                + "coordinator asks for keys (--key and --server).")
    }
}
