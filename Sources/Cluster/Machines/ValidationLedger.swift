import Training

/// The books of a labelling: samples still to be labelled, out with whom, and done.
struct ValidationLedger {
    /// Every sample that was ever asked for.
    private var known: Set<Int> = []
    private var waiting: [Int] = []
    private var held: [WorkerID: [Int]] = [:]
    /// Who holds a sample that is not done.
    private var holder: [Int: WorkerID] = [:]

    /// Puts down samples to be labelled; one that was asked for before is passed over.
    mutating func add(_ samples: [Int]) {
        waiting.insert(contentsOf: samples.filter { known.insert($0).inserted }.reversed(), at: 0)
    }

    /// The workers that hold samples.
    var holders: [WorkerID] { held.keys.sorted() }

    /// Whether every sample is done.
    var isComplete: Bool { waiting.isEmpty && holder.isEmpty }

    /// Whether there is no sample to be handed out.
    var isAllOut: Bool { waiting.isEmpty }

    /// What a worker holds.
    func samples(of worker: WorkerID) -> [Int] { held[worker] ?? [] }

    /// Hands a worker more samples, so that it holds `limit`.
    mutating func lease(to worker: WorkerID, atMost limit: Int) -> [Int] {
        var given: [Int] = []
        while held[worker, default: []].count + given.count < limit, let next = waiting.popLast() {
            given.append(next)
        }
        guard !given.isEmpty else { return [] }
        held[worker, default: []] += given
        for sample in given { holder[sample] = worker }
        return given
    }

    /// Takes note that a sample is done by who holds it; false if anybody else says so.
    mutating func take(_ sample: Int, from worker: WorkerID) -> Bool {
        guard holder[sample] == worker else { return false }
        holder[sample] = nil
        held[worker]?.removeAll { $0 == sample }
        if held[worker] == [] { held[worker] = nil }
        return true
    }

    /// Takes back what a worker held; returns how many samples.
    mutating func reclaim(from worker: WorkerID) -> Int {
        guard let back = held.removeValue(forKey: worker) else { return 0 }
        for sample in back { holder[sample] = nil }
        waiting += back
        return back.count
    }
}
