package import Tensors
package import Training

/// Numbering of the parts into which the weights are divided, each of which is one message.
///
/// Every version has buckets of trained weights, the running statistics and, where they are needed, the
/// moving averages of both. Frozen weights are the same in every version.
package struct WeightsParts: Sendable, Equatable {
    /// Uses of the moving averages.
    package enum Averages: Sendable, Equatable {
        /// None: there are no averages.
        case unused
        /// Labelling validation samples.
        case labels
        /// Labelling, and objectives at every step.
        case steps
    }

    /// Buckets of trained weights.
    package let learning: Int
    /// Buckets of frozen weights.
    package let frozen: Int
    /// The use of the moving averages.
    package let averages: Averages

    /// The parts of a number of buckets.
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

    /// The part that holds the running statistics; the buckets come before it.
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
    /// The number of parts, those that are not used included.
    package var count: Int { 2 * (learning + 1) + frozen }
}

/// A complete version of the weights, as a worker received it.
package struct WeightsVersion: Sendable {
    /// Trained weights and running statistics.
    package struct Values: Sendable {
        /// The trained weights, a flat tensor per bucket.
        package let buckets: [Tensor]
        /// The running statistics, as one flat tensor.
        package let statistics: Tensor

        /// Values from parts: the buckets, then the statistics.
        init(_ parts: some Collection<Tensor>) {
            buckets = Array(parts.dropLast())
            statistics = parts.reversed()[0]
        }
    }

    /// The number of steps that were taken before it.
    package let version: Int
    /// The values to compute with; the averages where samples are labelled with those.
    package let values: Values
    /// Whether ``values`` are averages.
    package let areAverages: Bool
    /// The averages beside the values; nil if no objective needs them.
    package let averages: Values?
    /// The frozen weights, a flat tensor per bucket.
    package let frozen: [Tensor]
}
