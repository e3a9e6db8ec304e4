/// The key that failed last, and at which step.
///
/// Work that a second worker cannot do either ends the run. A worker that fails, connects anew and
/// fails again is one worker, which its key reveals.
struct FailureHistory {
    private var latest: (step: Int, userID: String)?

    /// Records a failure; returns whether the same key failed before at the same step.
    mutating func isRepeated(byKey userID: String?, at step: Int) -> Bool {
        defer { latest = userID.map { (step, $0) } }
        guard let userID, let latest else { return false }
        return latest == (step, userID)
    }
}
