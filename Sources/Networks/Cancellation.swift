import Synchronization

/// A request to end a forward computation early, which any thread may make.
///
/// Networks skip their remaining blocks once it is made; the outputs then have the right shape and no
/// meaning. A cancellation serves one computation at a time and is reset before the next.
public final class Cancellation: Sendable {
    private let requested = Atomic(false)

    /// A cancellation that has not been requested.
    public init() {}

    /// Whether the computation is to end.
    public var isRequested: Bool { requested.load(ordering: .relaxed) }

    /// Requests the end of the computation.
    public func request() { requested.store(true, ordering: .relaxed) }

    /// Withdraws the request.
    public func reset() { requested.store(false, ordering: .relaxed) }
}
