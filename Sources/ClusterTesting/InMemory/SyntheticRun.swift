package import Cluster
package import Distillation
package import Messages
package import Tensors
package import Training

/// A run whose computation is a stand-in: a few numbers that depend on weights, step and micro-shard.
///
/// Results are rounded as Float32, so that any difference in the order of a sum, or in which results
/// count, changes the final digest. Everything else is the production's: driver, sessions, machines.
package struct SyntheticPlan: Sendable {
    /// The properties that all steps share.
    package let shape: StepShape
    /// Steps of the run.
    package let steps: Int
    /// The numbering of weights in messages.
    package let parts: WeightsParts
    /// The step from which on every worker's numbers are not finite; nil for none.
    package var divergesAt: Int?
    /// The step from which on gradients are finite, but not their sum; nil for none.
    package var overflowsAt: Int?
    /// The layout of normalisation statistics: there are none.
    package let statistics = StatisticsLayout([])
    /// The values of a bucket.
    package static let bucketCount = 3
    /// The samples to validate on.
    package static let validationSamples = 7

    /// A plan of so many steps of so many micro-shards.
    package init(
        steps: Int, shards: Int, buckets: Int = 3, exchanges: Int = 1,
        averages: WeightsParts.Averages = .unused, wire: GradientWire = .float32
    ) {
        self.steps = steps
        shape = StepShape(shards: shards, buckets: buckets, exchanges: exchanges, wire: wire)
        parts = WeightsParts(learning: buckets, frozen: 2, averages: averages)
    }

    /// Checks workers' results.
    package var validator: ResultValidator {
        ResultValidator(
            shape, steps: steps,
            bucketCounts: Array(repeating: Self.bucketCount, count: shape.buckets),
            clouds: shape.shards, statistics: statistics, classes: 1
        ) { _, _ in [ContributionForm(counts: 1)] }
    }

    /// The properties that a driver and its workers need.
    package var runPlan: RunPlan {
        RunPlan(
            shape: shape, steps: steps, validateEvery: 2,
            validationSamples: Array(0..<Self.validationSamples),
            furtherSamples: Array(Self.validationSamples..<Self.validationSamples + 3),
            parts: parts,
            welcome: Welcome(
                workerID: 0, recipe: "synthetic", seed: 1, heartbeatTimeoutMilliseconds: 1,
                teacherDigest: nil, dataDigest: nil,
                studentDigest: Digest([UInt8](repeating: 0, count: 32))!,
                bucketCount: UInt32(shape.buckets)),
            validator: validator
        ) { [shape] _ in
            (0..<shape.shards).map {
                Lease.Shard(shard: $0, samples: [.init(sample: $0, place: $0)])
            }
        }
    }
}

/// State of a synthetic run, with its checkpoints in memory.
package final class SyntheticRun: RunState {
    /// Checkpoints that outlive a coordinator.
    package final class Disk {
        fileprivate var version = 0
        fileprivate var weights: [Tensor]
        fileprivate var average: [Tensor]
        fileprivate var epoch: UInt64 = 0
        /// The samples that each validation counted, by version.
        package fileprivate(set) var validations: [Int: UInt64] = [:]

        /// The disk of a run that has not begun.
        package init(_ plan: SyntheticPlan) {
            weights = (0..<plan.shape.buckets).map { bucket in
                Tensor(rows: 1, columns: 3, [Float(bucket) + 0.1, 0.2, 0.3])
            }
            average = weights + [Tensor(0)]
        }
    }

    package let id = RunID(high: 1, low: 2)
    package let epoch: UInt64
    package let plan: RunPlan
    package private(set) var version: Int
    private let disk: Disk
    private var weights: [Tensor]
    private var next: [Tensor?]
    /// The averages of the weights, and of the statistics.
    private var average: [Tensor]
    private var validation: UInt64 = 0

    /// The run that a disk holds, at its latest checkpoint and in a new epoch.
    package init(_ plan: SyntheticPlan, on disk: Disk) {
        self.plan = plan.runPlan
        self.disk = disk
        // Each coordinator on a disk must be distinguishable from the one before.
        disk.epoch += 1
        epoch = disk.epoch
        version = disk.version
        weights = disk.weights
        average = disk.average
        next = Array(repeating: nil, count: weights.count)
    }

    /// A hash over the bits of the weights.
    package var digest: UInt64 { Checksum64(weights.map(\.checksum)).value }

    package var validatedVersion: Int? { disk.validations.keys.max() }

    package func values(ofPart index: Int) -> Tensor {
        let parts = plan.parts
        if parts.frozenBuckets.contains(index) { return Tensor(Float(index)) }
        if index < parts.learning { return weights[index] }
        return index == parts.statistics
            ? Tensor(0) : average[index - parts.averaged.lowerBound]
    }

    package func apply(_ gradient: Tensor, to bucket: Int) throws(Divergence) -> Tensor? {
        guard gradient.isFinite else {
            throw Divergence("the gradient is not finite at step \(version + 1)")
        }
        next[bucket] = weights[bucket] + gradient.scaled(by: -0.1)
        return next[bucket]
    }

    package func completeStep(
        _ report: ShardReport, _ totals: [Distillation.Totals]
    ) -> StepOutcome {
        precondition(report.values[0] == Double(plan.shape.shards), "A micro-shard was lost.")
        precondition(totals.count == min(plan.shape.exchanges, 1), "There is one term.")
        weights = next.map { $0! }
        next = Array(repeating: nil, count: weights.count)
        average = zip(average, weights + [Tensor(0)]).map {
            $0.scaled(by: 0.75) + $1.scaled(by: 0.25)
        }
        version += 1
        return StepOutcome()
    }

    package func takeValidation(_ matrix: ConfusionMatrix) -> Bool {
        validation = matrix.counts[0]
        return false
    }

    package func recordValidation() { disk.validations[version] = validation }

    /// Nil: ``save(asBest:)`` is due at every second version, without weights in the record.
    package var dueWeights: Weights? { version % 2 == 0 ? Weights() : nil }

    package func save(asBest: Bool) {
        (disk.version, disk.weights, disk.average) = (version, weights, average)
    }

    package var hasUnsavedSteps: Bool { version != disk.version }

    package func finishSaving() {}

    package var lastCheckpoint: String? { disk.version > 0 ? "step \(disk.version)" : nil }

    package var canary: String?
}
