/// A change of a run's workers.
package enum MembershipEvent: Sendable, CustomStringConvertible {
    /// A worker was admitted.
    case joined(WorkerID, name: String, threads: Int, blasCore: String)
    /// A worker was removed, and so many pieces of its work were leased to others.
    case lost(WorkerID, name: String, reason: LossReason, reissued: Int)

    /// The change in a sentence.
    package var description: String {
        switch self {
        case .joined(let worker, let name, let threads, let blasCore):
            "worker \(worker) joins: \(name), \(threads) threads, OpenBLAS core \(blasCore)"
        case .lost(let worker, let name, let reason, let reissued):
            "worker \(worker) (\(name)) is gone: \(reason)"
                + (reissued > 0 ? "; \(reissued) pieces of its work are given to others" : "")
        }
    }
}
