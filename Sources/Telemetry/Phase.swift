/// An activity that takes time of a step.
package enum Phase: String, Codable, CodingKeyRepresentable, Sendable, CaseIterable {
    /// Reading clouds, voxelising and augmenting.
    case data
    /// The teacher's forward pass, or reading its stored outputs.
    case teacher
    /// The student's forward pass.
    case student
    /// The objectives' contributions of a micro-shard to the whole mini-batch.
    case contribution
    /// Waiting for the contributions of other micro-shards.
    case exchangeWait = "exchange_wait"
    /// The objectives' values and gradients.
    case objectives
    /// The student's backward pass.
    case backward
    /// Sending gradients.
    case send
    /// Summing gradients over micro-shards.
    case reduce
    /// Updating the weights.
    case optimizer
    /// Sending the weights.
    case broadcast
    /// Waiting for weights or for work.
    case idle
    /// Evaluating the student on validation scans.
    case validation
    /// Taking a snapshot, and writing it if training cannot continue meanwhile.
    case checkpoint
    /// Reporting steps and monitoring workers.
    case bookkeeping
}

/// The durations of a phase over the workers, in seconds, with the slowest worker.
package struct PhaseTimes: Codable, Sendable, Equatable {
    /// The shortest.
    package var minimum: Double
    /// The median; of an even number, the mean of the two in the middle.
    package var median: Double
    /// The longest.
    package var maximum: Double
    /// The worker with the longest duration.
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

    /// Summarises the workers' times; nil if there are none.
    ///
    /// Of equally slow workers, `slowest` is the first by name.
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
