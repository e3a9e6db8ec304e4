/// Follows how long a run has waited for missing workers.
///
/// A pure state machine; time is an argument.
struct WorkerAbsence {
    /// Consequence of an absence.
    enum Consequence: Equatable {
        /// No worker is missing, or nothing new is to be reported.
        case none
        /// Another minute has passed.
        case remark
        /// The limit has passed.
        case failure
    }

    private let limit: Duration
    private var since: Duration?
    private var remarks = 0

    /// A follower without an absence.
    ///
    /// - Parameter limit: the longest absence.
    init(limit: Duration) { self.limit = limit }

    /// Takes the present number of missing workers.
    mutating func check(missing: Int, at now: Duration) -> Consequence {
        guard missing > 0 else {
            since = nil
            return .none
        }
        let begin = since ?? now
        since = begin
        if now - begin > limit { return .failure }
        // The count of remarks survives the absence: a worker that comes and goes causes no more.
        guard now - begin > .seconds(60) * (remarks + 1) else { return .none }
        remarks += 1
        return .remark
    }
}
