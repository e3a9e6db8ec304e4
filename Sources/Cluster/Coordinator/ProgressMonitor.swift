/// Follows the progress counters in workers' heartbeats.
///
/// A session answers although its worker's computation hangs: only the counter, which compute
/// threads advance, shows that.
struct ProgressMonitor {
    private var counters: [WorkerID: (value: UInt64, since: Duration)] = [:]

    /// Records a worker's counter.
    mutating func record(_ value: UInt64, of worker: WorkerID, at now: Duration) {
        if counters[worker]?.value != value { counters[worker] = (value, now) }
    }

    /// The time for which a worker's counter has not changed; nil if it has sent none.
    func standstill(of worker: WorkerID, at now: Duration) -> Duration? {
        counters[worker].map { now - $0.since }
    }

    /// Forgets a worker.
    mutating func remove(_ worker: WorkerID) { counters[worker] = nil }
}
