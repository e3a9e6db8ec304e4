/// What a step's time goes into.
package enum Phase: String, Codable, CodingKeyRepresentable, Sendable, CaseIterable {
    /// Reading clouds, voxelising, making views.
    case data
    /// The teacher's forward pass, or reading what it said before.
    case teacher
    /// The student's forward pass.
    case student
    /// What the objectives tell of a micro-shard to the whole mini-batch.
    case contribution
    /// Waiting for the others' contributions.
    case exchangeWait = "exchange_wait"
    /// The objectives' values and gradients.
    case objectives
    /// The student's backward pass.
    case backward
    /// Sending gradients.
    case send
    /// Summing gradients over micro-shards.
    case reduce
    /// Changing the weights.
    case optimizer
    /// Sending the weights.
    case broadcast
    /// Waiting for weights or for work.
    case idle
    /// Measuring the student on scans it does not learn from.
    case validation
    /// Taking a snapshot and, if it cannot be done meanwhile, writing it.
    case checkpoint
    /// Telling of steps, and watching over workers.
    case bookkeeping
}

/// How long a phase took over the workers, in seconds, and whom it took longest.
package struct PhaseTimes: Codable, Sendable, Equatable {
    /// The shortest.
    package var minimum: Double
    /// The middle one; of an even number the mean of the two in the middle.
    package var median: Double
    /// The longest.
    package var maximum: Double
    /// The worker whose was the longest.
    package var slowest: String

    private enum CodingKeys: String, CodingKey {
        case minimum = "min"
        case median
        case maximum = "max"
        case slowest
    }

    /// The given times.
    package init(minimum: Double, median: Double, maximum: Double, slowest: String) {
        self.minimum = minimum
        self.median = median
        self.maximum = maximum
        self.slowest = slowest
    }

    /// Sums up the workers' times; nil if there are none.
    ///
    /// Of equally slow workers the one whose name comes first is named.
    package init?(_ times: some Collection<(worker: String, seconds: Double)>) {
        let sorted = times.sorted { ($0.seconds, $1.worker) < ($1.seconds, $0.worker) }
        guard let first = sorted.first, let last = sorted.last else { return nil }
        minimum = first.seconds
        maximum = last.seconds
        slowest = last.worker
        let middle = sorted.count / 2
        median =
            sorted.count % 2 == 1
            ? sorted[middle].seconds : (sorted[middle - 1].seconds + sorted[middle].seconds) / 2
    }
}
