import Foundation
import Messages
package import Telemetry
package import ZeroMQ

/// Client that asks a running coordinator for its status.
package enum StatusClient {
    /// The status of the run whose coordinator listens at an address.
    ///
    /// - Parameters:
    ///   - traced: whether the answer includes the spans of the last steps.
    ///   - timeout: the longest wait for an answer.
    /// - Throws: ``WorkerError`` if there is no answer, or it cannot be read.
    package static func ask(
        _ endpoint: Endpoint, security: Security = .none, traced: Bool = false,
        timeout: Duration = .seconds(5)
    ) throws -> RunStatus {
        let transport = try DealerTransport(
            to: endpoint, security: security, linger: .zero, in: try Context())
        let request = WireMessage(StatusRequest(traced: traced))
        try transport.send(try request.frames(run: .none, epoch: 0))
        var poller = Poller()
        transport.watch(with: &poller)
        let clock = MonotonicClock.system()
        while clock.now < timeout {
            _ = try poller.wait(upTo: .milliseconds(100))
            // The monitor's events wake the poller too, until they are taken.
            _ = try transport.hasDisconnected()
            guard let frames = try transport.receive()?[...] else { continue }
            let envelope = try WireMessage.envelope(of: frames)
            switch try WireMessage(envelope, frames).message {
            case let status as Status:
                return try JSONDecoder().decode(RunStatus.self, from: Data(status.json.utf8))
            case let refusal as Refusal: throw WorkerError(refusal.reason)
            default: continue
            }
        }
        throw WorkerError(
            "There is no answer from \(endpoint) within \(timeout): check the address, and whether "
                + "the coordinator requires keys (--key and --server).")
    }
}
