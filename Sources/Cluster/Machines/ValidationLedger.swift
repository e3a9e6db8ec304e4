import Training

/// Progress of a validation: samples that are pending, leased and done.
struct ValidationLedger: Sendable {
    /// The version of the weights that the samples are labelled with.
    let version: Int
    /// Every sample that was ever wanted.
    private var known: Set<Int> = []
    /// The samples to lease, the next one last.
    private var pending: [Int] = []
    private var samples: [WorkerID: [Int]] = [:]
    /// The worker that holds a sample which is not done.
    private var holder: [Int: WorkerID] = [:]

    /// A validation of a version, without samples.
    init(version: Int) { self.version = version }

    /// Adds samples; one that was added before is ignored.
    mutating func add(_ samples: [Int]) {
        // Reversed, so that the next sample is removed from the end without moving the others.
        pending.insert(contentsOf: samples.filter { known.insert($0).inserted }.reversed(), at: 0)
    }

    /// The workers that hold samples.
    var holders: [WorkerID] { samples.keys.sorted() }

    /// Whether every sample is done.
    var isComplete: Bool { pending.isEmpty && holder.isEmpty }

    /// Whether there is no sample left to lease.
    var isAllLeased: Bool { pending.isEmpty }

    /// The samples that a worker holds.
    func samples(of worker: WorkerID) -> [Int] { samples[worker] ?? [] }

    /// Leases a worker more samples, so that it holds at most `limit`; returns the new ones.
    mutating func lease(to worker: WorkerID, upTo limit: Int) -> [Int] {
        var leased: [Int] = []
        while samples[worker, default: []].count + leased.count < limit,
            let next = pending.popLast()
        {
            leased.append(next)
        }
        guard !leased.isEmpty else { return [] }
        samples[worker, default: []] += leased
        for sample in leased { holder[sample] = worker }
        return leased
    }

    /// Records that a sample is done; false if the worker does not hold it.
    mutating func complete(_ sample: Int, by worker: WorkerID) -> Bool {
        guard holder[sample] == worker else { return false }
        holder[sample] = nil
        samples[worker]?.removeAll { $0 == sample }
        if samples[worker] == [] { samples[worker] = nil }
        return true
    }

    /// Makes a worker's samples pending again; returns how many there were.
    mutating func reclaim(from worker: WorkerID) -> Int {
        guard let reclaimed = samples.removeValue(forKey: worker) else { return 0 }
        for sample in reclaimed { holder[sample] = nil }
        pending += reclaimed
        return reclaimed.count
    }
}
