import Training

/// The books of one validation: samples still to be labelled, out with whom, and done.
struct ValidationLedger {
    private let samples: [Int]
    private var waiting: [Int]
    private var leased: [(sample: Int, worker: WorkerID)] = []
    private var results: [Int: ConfusionMatrix] = [:]

    init(_ samples: [Int]) {
        self.samples = samples
        waiting = samples.reversed()
    }

    /// The workers that hold samples.
    var holders: [WorkerID] {
        leased.reduce(into: []) { if !$0.contains($1.worker) { $0.append($1.worker) } }
    }

    /// The sum over all samples in their order, once all are in.
    var result: ConfusionMatrix? {
        guard results.count == samples.count else { return nil }
        let matrices = samples.compactMap { results[$0] }
        return matrices.dropFirst().reduce(matrices.first!, +)
    }

    /// Hands a worker more samples, so that it holds `limit`.
    mutating func lease(to worker: WorkerID, atMost limit: Int) -> [Int] {
        let held = leased.count { $0.worker == worker }
        var given: [Int] = []
        while held + given.count < limit, let next = waiting.popLast() { given.append(next) }
        leased += given.map { ($0, worker) }
        return given
    }

    /// Takes a sample's result; the first counts.
    mutating func take(_ matrix: ConfusionMatrix, of sample: Int, from worker: WorkerID) {
        leased.removeAll { $0.sample == sample }
        waiting.removeAll { $0 == sample }
        if results[sample] == nil, samples.contains(sample) { results[sample] = matrix }
    }

    /// Takes back what a worker held; returns how many samples.
    mutating func reclaim(from worker: WorkerID) -> Int {
        let back = leased.filter { $0.worker == worker }.map(\.sample)
        leased.removeAll { $0.worker == worker }
        waiting += back
        return back.count
    }
}
