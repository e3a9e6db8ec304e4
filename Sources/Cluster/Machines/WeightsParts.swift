package import Tensors
package import Training

/// How everything a worker computes with is cut into numbered parts, each one message: what learns
/// and the running statistics, in every version; the moving averages of both, where they are needed;
/// and what is frozen, once.
package struct WeightsParts: Sendable, Equatable {
    /// What the moving averages are needed for.
    package enum Averages: Sendable, Equatable {
        /// Nothing: there are none.
        case unused
        /// To label validation samples.
        case labels
        /// To label, and by objectives at every step.
        case steps
    }

    /// Buckets of what learns.
    package let learning: Int
    /// Buckets of what is frozen.
    package let frozen: Int
    /// What the moving averages are needed for.
    package let averages: Averages

    /// Parts of so many buckets.
    package init(learning: Int, frozen: Int = 0, averages: Averages = .unused) {
        self.learning = learning
        self.frozen = frozen
        self.averages = averages
    }

    /// The parts of a run.
    package init(_ parameters: RunParameters, averages: Averages) {
        self.init(
            learning: parameters.layout.buckets.count, frozen: parameters.frozen.buckets.count,
            averages: averages)
    }

    /// The part that holds the running statistics; the buckets stand before it.
    package var statistics: Int { learning }
    /// The averaged buckets, then the averaged statistics.
    package var averaged: Range<Int> { learning + 1..<2 * (learning + 1) }
    /// The parts that every version has, each with values of its own.
    package var versioned: Range<Int> {
        0..<(averages == .unused ? learning + 1 : averaged.upperBound)
    }
    /// The parts of a version that a step is computed with, besides the frozen ones.
    package var forSteps: Range<Int> {
        0..<(averages == .steps ? averaged.upperBound : learning + 1)
    }
    /// The parts of a version that samples are labelled with, besides the frozen ones.
    package var forLabels: Range<Int> { averages == .unused ? 0..<learning + 1 : averaged }
    /// The frozen buckets.
    package var frozenBuckets: Range<Int> { 2 * (learning + 1)..<count }
    /// How many parts there are, whether they are used or not.
    package var count: Int { 2 * (learning + 1) + frozen }
}

/// One version of everything a worker computes with, as it came.
package struct WeightsVersion: Sendable {
    /// What learns, a flat tensor a bucket, and the running statistics, flat.
    package struct Values: Sendable {
        /// What learns.
        package let buckets: [Tensor]
        /// The running statistics.
        package let statistics: Tensor

        /// Buckets with the statistics behind them.
        init(_ parts: some Collection<Tensor>) {
            buckets = Array(parts.dropLast())
            statistics = parts.reversed()[0]
        }
    }

    /// How many steps were taken to get there.
    package let version: Int
    /// The values to compute with: the averages, where samples are labelled by those.
    package let values: Values
    /// Whether they are averages.
    package let areAverages: Bool
    /// The averages beside the values; nil where no objective needs them.
    package let averages: Values?
    /// What is frozen, a flat tensor a bucket.
    package let frozen: [Tensor]
}
