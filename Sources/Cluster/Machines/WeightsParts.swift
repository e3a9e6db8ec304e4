public import Tensors
public import Training

/// How everything a worker computes with is cut into numbered parts, each one message: what learns
/// and the running statistics, in every version; the moving averages of both, where they are needed;
/// and what is frozen, once.
public struct WeightsParts: Sendable, Equatable {
    /// What the moving averages are needed for.
    public enum Averages: Sendable, Equatable {
        /// Nothing: there are none.
        case unused
        /// To label validation samples.
        case labels
        /// To label, and by objectives at every step.
        case steps
    }

    /// Buckets of what learns.
    public let learning: Int
    /// Buckets of what is frozen.
    public let frozen: Int
    /// What the moving averages are needed for.
    public let averages: Averages

    /// Parts of so many buckets.
    public init(learning: Int, frozen: Int = 0, averages: Averages = .unused) {
        self.learning = learning
        self.frozen = frozen
        self.averages = averages
    }

    /// The parts of a run.
    public init(_ parameters: RunParameters, averages: Averages) {
        self.init(
            learning: parameters.layout.buckets.count, frozen: parameters.frozen.buckets.count,
            averages: averages)
    }

    /// The part that holds the running statistics; the buckets stand before it.
    public var statistics: Int { learning }
    /// The averaged buckets, then the averaged statistics.
    public var averaged: Range<Int> { learning + 1..<2 * (learning + 1) }
    /// The frozen buckets.
    public var frozenBuckets: Range<Int> { 2 * (learning + 1)..<count }
    /// How many parts there are, whether they are used or not.
    public var count: Int { 2 * (learning + 1) + frozen }
}

/// One version of everything a worker computes with, as it came.
public struct WeightsVersion: Sendable {
    /// What learns, a flat tensor a bucket, and the running statistics, flat.
    public struct Values: Sendable {
        /// What learns.
        public let buckets: [Tensor]
        /// The running statistics.
        public let statistics: Tensor

        /// Buckets with the statistics behind them.
        init(_ parts: some Collection<Tensor>) {
            buckets = Array(parts.dropLast())
            statistics = parts.reversed()[0]
        }
    }

    /// How many steps were taken to get there.
    public let version: Int
    /// The values to compute with: the averages, where samples are labelled by those.
    public let values: Values
    /// Whether they are averages.
    public let areAverages: Bool
    /// The averages beside the values; nil where no objective needs them.
    public let averages: Values?
    /// What is frozen, a flat tensor a bucket.
    public let frozen: [Tensor]
}
