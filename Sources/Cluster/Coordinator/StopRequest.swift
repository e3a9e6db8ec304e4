import Synchronization

/// A request, from any thread or signal handler, that a run end, or that a worker leave it.
package final class StopRequest: Sendable {
    enum Ending: Sendable {
        /// After the step at hand.
        case stop(String)
        /// At once: it cannot go on.
        case failure(String)
    }

    private let ending = Mutex<Ending?>(nil)

    /// Nothing asked yet.
    package init() {}

    /// Asks for the end after the step at hand.
    ///
    /// The first reason stays.
    package func stop(_ reason: String) { ending.withLock { $0 = $0 ?? .stop(reason) } }

    /// Says that the run cannot go on, in a sentence for the user.
    package func fail(_ reason: String) { ending.withLock { $0 = .failure(reason) } }

    /// Whether anything was asked.
    package var isAsked: Bool { asked != nil }

    /// Why, in a few words; nil as long as nothing was asked.
    var reason: String? {
        switch asked {
        case .stop(let reason), .failure(let reason): reason
        case nil: nil
        }
    }

    var asked: Ending? { ending.withLock { $0 } }
}
