import Training

/// Record of a worker, or of a relay with the workers behind it.
struct Member: Sendable {
    /// Part that a worker plays in a run.
    enum Role: Sendable {
        /// It has connected and prepares: it fetches the teacher or opens the data.
        case joining
        /// It is ready and receives no work until an active worker is lost.
        case standby
        /// It receives work.
        case active
    }

    var role: Role
    /// The same for one worker that connects several times.
    let identity: String
    /// Micro-shards that it computes at once.
    var threads: Int
    /// Workers that it stands for: itself, or those behind a relay.
    var workerCount: Int
    /// Time at which something was last received from it.
    var lastHeard: Duration
    /// The count of its compute threads' progress, and since when it has not changed; nil before the
    /// first heartbeat.
    private(set) var progress: (count: UInt64, since: Duration)?
    /// Whether it delivers what it is leased.
    var reliability = Reliability()

    /// Times of its first leases of the latest step and of the step before; it may have prepared for
    /// the one since the other.
    private var leaseTimes: (latest: Duration, before: Duration)
    /// The latest step of which it was leased anything; -1 for none.
    private(set) var lastStep = -1
    /// The micro-shards it was leased of the latest step, and of the step before.
    private var leased: (latest: Set<Int>, before: Set<Int>) = ([], [])

    /// Seconds that one of its threads needs for a micro-shard; nil before its first step is done.
    private(set) var secondsPerShard: Double?
    /// The same for each of its latest three steps.
    private var recentSeconds: [Double] = []
    /// Its reports on the latest step, summed.
    private var reported = (seconds: 0.0, shards: 0)

    init(
        _ role: Role, threads: Int = 1, workerCount: Int = 1, identity: String,
        heardAt now: Duration
    ) {
        self.identity = identity
        self.role = role
        self.threads = threads
        self.workerCount = workerCount
        lastHeard = now
        leaseTimes = (now, now)
    }

    // MARK: Progress

    /// Records the count of its compute threads' progress.
    mutating func record(progress count: UInt64, at now: Duration) {
        if progress?.count != count { progress = (count, now) }
    }

    /// Records that its computation has advanced, or waits for what it fetches.
    ///
    /// A worker that sends results sends no heartbeats, which carry the count.
    mutating func recordAdvance(at now: Duration) { progress?.since = now }

    /// The time for which its compute threads have not advanced; nil if it has not told.
    func standstill(at now: Duration) -> Duration? { progress.map { now - $0.since } }

    // MARK: Leases

    /// Records that micro-shards of a step were leased to it.
    mutating func recordLease(of shards: [Int], step: Int, at now: Duration) {
        if step > lastStep {
            leaseTimes = (now, leaseTimes.latest)
            leased = ([], step == lastStep + 1 ? leased.latest : [])
        }
        lastStep = step
        leased.latest.formUnion(shards)
    }

    /// The micro-shards whose clouds it has probably prefetched for a step: those it computed in both
    /// steps before, or else in the last one; none if it took no part in that.
    func prefetched(for step: Int) -> Set<Int> {
        guard lastStep == step - 1 else { return [] }
        let both = leased.latest.intersection(leased.before)
        return both.isEmpty ? leased.latest : both
    }

    /// Whether it has probably prefetched a micro-shard's clouds: workers prefetch for the later ones
    /// of the micro-shards they are leased.
    func hasProbablyPrefetched(_ shard: Int) -> Bool {
        leased.before.contains(shard) || leased.latest.contains(shard)
    }

    // MARK: Throughput

    /// ``secondsPerShard`` once more than the first step is done.
    ///
    /// The first step touches memory and lays out weights; its time does not predict the next one's.
    var steadySecondsPerShard: Double? { recentSeconds.count > 1 ? secondsPerShard : nil }

    /// The most that its threads can have worked on so many micro-shards that have just arrived.
    ///
    /// A worker states its own times, from which its deadlines follow, and its threads.
    func mostWork(on shards: Int, at now: Duration) -> Duration {
        (now - leaseTimes.before) * min(threads, shards)
    }

    /// Seconds per micro-shard by its reports on the step at hand; nil before the first.
    var reportedSecondsPerShard: Double? {
        reported.seconds > 0 ? reported.seconds / Double(reported.shards) : nil
    }

    /// The time by which others' deadlines follow it: the latest that is known.
    var knownSecondsPerShard: Double? {
        steadySecondsPerShard ?? secondsPerShard ?? reportedSecondsPerShard
    }

    /// Records that others had to do some of its micro-shards, for which it had so much time.
    mutating func recordForfeit(of shards: Int, step: Int, after time: Duration) {
        reliability.recordForfeit(at: step)
        guard shards > 0 else { return }
        // As if it had finished just now: it is leased less from now on.
        reported.seconds += time.seconds * Double(min(threads, shards))
        reported.shards += shards
        // What it was fast at before it was left out says nothing about afterwards.
        if reliability.isBad { recentSeconds = [] }
    }

    /// Records how long some micro-shards took.
    mutating func record(_ times: ShardTimes, shards: Int) {
        // Summed over a step: single times differ by what was prefetched for each, and moved a share of
        // 4 micro-shards of 8 to 3 or 5 in most of the hundred steps after a loss.
        reported.seconds += times.work.seconds
        reported.shards += shards
    }

    /// Updates ``secondsPerShard`` from the steps before this one.
    ///
    /// It is the median of the latest three steps, and the lesser of two: one step that another
    /// process slowed down must not move work away from this worker.
    mutating func updateSecondsPerShard(before step: Int) {
        guard lastStep < step, reported.seconds > 0 else { return }
        recentSeconds = recentSeconds.suffix(2) + [reported.seconds / Double(reported.shards)]
        secondsPerShard = recentSeconds.sorted()[(recentSeconds.count - 1) / 2]
        reported = (0, 0)
    }
}
