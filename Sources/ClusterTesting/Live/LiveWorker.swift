import Cluster
import Foundation
package import ZeroMQ

/// Sound worker in this process, on threads of its own.
package final class LiveWorker: Sendable {
    private let request = StopRequest()

    /// Starts a worker that works until its coordinator's run is over or this object is released.
    package init(
        _ name: String = "sound", at endpoint: Endpoint, security: Security = .none
    ) throws {
        let request = request
        let thread = Thread {
            let settings = WorkerSettings(
                address: .endpoint(endpoint), security: security, name: name, cache: "/nonexistent",
                timeout: .seconds(60), stop: request, log: { _ in })
            _ = try? WorkerClient(settings).run()
        }
        thread.stackSize = 16 << 20
        thread.start()
    }

    deinit { stop() }

    /// Asks it to leave.
    package func stop() { request.stop("the test is over") }
}
