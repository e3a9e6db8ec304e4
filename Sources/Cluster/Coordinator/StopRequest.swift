import Synchronization

/// A request, from any thread, that a run end or that a worker leave it.
package final class StopRequest: Sendable {
    enum Ending: Sendable {
        /// After the current step.
        case stop(String)
        /// At once: the run cannot continue.
        case failure(String)
    }

    private let ending = Mutex<Ending?>(nil)

    /// No request yet.
    package init() {}

    /// Requests the end after the current step; the first reason is kept.
    package func stop(_ reason: String) { ending.withLock { $0 = $0 ?? .stop(reason) } }

    /// Reports that the run cannot continue, in a sentence for the user.
    package func fail(_ reason: String) { ending.withLock { $0 = .failure(reason) } }

    /// Whether anything was requested.
    package var isAsked: Bool { asked != nil }

    /// The reason in a few words; nil if nothing was requested.
    var reason: String? {
        switch asked {
        case .stop(let reason), .failure(let reason): reason
        case nil: nil
        }
    }

    var asked: Ending? { ending.withLock { $0 } }
}
