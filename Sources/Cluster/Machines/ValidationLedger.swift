import Training

/// Progress of a validation: samples that are pending, leased and done.
struct ValidationLedger: Sendable {
    /// A worker's lease of a sample.
    private struct Holding {
        let worker: WorkerID
        let since: Duration
    }

    /// The version of the weights that the samples are labelled with.
    let version: Int
    /// Every sample that was ever wanted.
    private var known: Set<Int> = []
    /// The samples to lease, the next one last.
    private var pending: [Int] = []
    private var samples: [WorkerID: [Int]] = [:]
    /// The workers that hold a sample which is not done, in the order of their leases.
    private var holders: [Int: [Holding]] = [:]
    /// The longest time from a lease to its label, of each worker that labelled any.
    private var longest: [WorkerID: Duration] = [:]

    /// A validation of a version, without samples.
    init(version: Int) { self.version = version }

    /// Adds samples; one that was added before is ignored.
    mutating func add(_ samples: [Int]) {
        // Reversed, so that the next sample is removed from the end without moving the others.
        pending.insert(contentsOf: samples.filter { known.insert($0).inserted }.reversed(), at: 0)
    }

    /// The workers that hold samples.
    var workers: [WorkerID] { samples.keys.sorted() }

    /// The time of the earliest lease of each worker that holds samples.
    var heldSince: [WorkerID: Duration] {
        holders.values.joined().reduce(into: [:]) { since, holding in
            since[holding.worker] = min(since[holding.worker] ?? holding.since, holding.since)
        }
    }

    /// Whether every sample is done.
    var isComplete: Bool { pending.isEmpty && holders.isEmpty }

    /// Whether there is no sample left to lease.
    var isAllLeased: Bool { pending.isEmpty }

    /// The samples that a worker holds.
    func samples(of worker: WorkerID) -> [Int] { samples[worker] ?? [] }

    /// Leases a worker more samples, so that it holds at most `limit`; returns the new ones.
    mutating func lease(to worker: WorkerID, upTo limit: Int, at now: Duration) -> [Int] {
        var leased: [Int] = []
        while samples[worker, default: []].count + leased.count < limit,
            let next = pending.popLast()
        {
            leased.append(next)
        }
        guard !leased.isEmpty else { return [] }
        samples[worker, default: []] += leased
        for sample in leased { holders[sample] = [Holding(worker: worker, since: now)] }
        return leased
    }

    /// Leases samples that take three times as long as others did to workers that hold none, one each.
    mutating func leaseOverdue(
        among active: [WorkerID], heartbeatTimeout: Duration, at now: Duration
    ) -> [(worker: WorkerID, sample: Int)] {
        guard pending.isEmpty else { return [] }
        // Workers that have labelled something first: another may never label anything.
        var idle = active.filter { samples[$0] == nil }
            .sorted { (longest[$0] == nil ? 1 : 0, $0) < (longest[$1] == nil ? 1 : 0, $1) }
        var leased: [(worker: WorkerID, sample: Int)] = []
        for (sample, holding) in holders.sorted(by: { $0.key < $1.key }) {
            guard let last = holding.last,
                now - last.since > deadline(of: last.worker, heartbeatTimeout)
            else { continue }
            guard
                let place = idle.firstIndex(where: { worker in
                    !holding.contains { $0.worker == worker }
                })
            else { continue }
            let worker = idle.remove(at: place)
            holders[sample]!.append(Holding(worker: worker, since: now))
            samples[worker] = [sample]
            leased.append((worker, sample))
        }
        return leased
    }

    /// The time after which a worker's sample is overdue, by the times of the others.
    private func deadline(of worker: WorkerID, _ heartbeatTimeout: Duration) -> Duration {
        let others = longest.filter { $0.key != worker }.values.sorted()
        guard !others.isEmpty else {
            return max(heartbeatTimeout * 6, (longest[worker] ?? .zero) * 3)
        }
        return max(heartbeatTimeout, others[(others.count - 1) / 2] * 3)
    }

    /// Records that a sample is done.
    ///
    /// - Returns: the workers whose overdue sample it was, besides the one that has done it; nil if
    ///   the worker does not hold it.
    mutating func complete(
        _ sample: Int, by worker: WorkerID, at now: Duration
    ) -> [WorkerID]? {
        guard let holding = holders[sample],
            let own = holding.first(where: { $0.worker == worker })
        else { return nil }
        holders[sample] = nil
        longest[worker] = max(longest[worker] ?? .zero, now - own.since)
        for other in holding { drop(sample, of: other.worker) }
        return holding.dropLast().map(\.worker).filter { $0 != worker }
    }

    private mutating func drop(_ sample: Int, of worker: WorkerID) {
        samples[worker]?.removeAll { $0 == sample }
        if samples[worker] == [] { samples[worker] = nil }
    }

    /// Makes a worker's samples that no other holds pending again; returns how many there were.
    mutating func reclaim(from worker: WorkerID) -> Int {
        guard let reclaimed = samples.removeValue(forKey: worker) else { return 0 }
        var free: [Int] = []
        for sample in reclaimed {
            holders[sample]?.removeAll { $0.worker == worker }
            guard holders[sample]?.isEmpty == true else { continue }
            holders[sample] = nil
            free.append(sample)
        }
        pending += free
        return free.count
    }
}
