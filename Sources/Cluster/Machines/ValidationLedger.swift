import Training

/// The books of one validation: samples still to be labelled, out with whom, and done.
struct ValidationLedger {
    private let samples: [Int]
    private var waiting: [Int]
    private var held: [WorkerID: [Int]] = [:]
    /// Who holds a sample that is not done.
    private var holder: [Int: WorkerID] = [:]
    private var results: [Int: ConfusionMatrix] = [:]

    init(_ samples: [Int]) {
        self.samples = samples
        waiting = samples.reversed()
    }

    /// The workers that hold samples.
    var holders: [WorkerID] { held.keys.sorted() }

    /// Whether every sample is done.
    var isComplete: Bool { results.count == samples.count }

    /// Whether there is no sample to be handed out.
    var isAllOut: Bool { waiting.isEmpty }

    /// What a worker holds.
    func samples(of worker: WorkerID) -> [Int] { held[worker] ?? [] }

    /// The sum over all samples in their order, once all are in.
    var result: ConfusionMatrix? {
        guard isComplete else { return nil }
        let matrices = samples.compactMap { results[$0] }
        return matrices.dropFirst().reduce(matrices.first!, +)
    }

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

    /// Takes a sample's result from who holds it; anybody else's is passed over.
    mutating func take(_ matrix: ConfusionMatrix, of sample: Int, from worker: WorkerID) {
        guard holder[sample] == worker else { return }
        results[sample] = matrix
        holder[sample] = nil
        held[worker]?.removeAll { $0 == sample }
        if held[worker] == [] { held[worker] = nil }
    }

    /// Takes back what a worker held; returns how many samples.
    mutating func reclaim(from worker: WorkerID) -> Int {
        guard let back = held.removeValue(forKey: worker) else { return 0 }
        for sample in back { holder[sample] = nil }
        waiting += back
        return back.count
    }
}
