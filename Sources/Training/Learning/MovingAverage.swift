package import Tensors

/// A moving average of everything that learns, and of the student's running statistics.
///
/// After the n-th step `average += (1 - d) (weights - average)`, computed as
/// `d average + (1 - d) weights`, with d = min(decay, (1 + n) / (10 + n)): the first weights, which
/// nothing was learnt in, are soon forgotten. Counts of batches are the weights' own.
package struct MovingAverage: Sendable {
    /// The largest share of the old average that is kept.
    package let decay: Double
    /// What learns, a flat tensor a bucket.
    package private(set) var buckets: [Tensor]
    /// The student's running statistics, flat.
    package private(set) var statistics: Tensor

    /// An average that begins with these weights.
    package init(decay: Double, buckets: [Tensor], statistics: Tensor) {
        self.decay = decay
        self.buckets = buckets
        self.statistics = statistics
    }

    /// Takes in the weights after `steps` steps.
    ///
    /// - Parameter counts: where in the statistics counts of batches stand.
    mutating func update(
        buckets new: [Tensor], statistics newStatistics: Tensor, counts: [Int], steps: Int
    ) {
        let kept = min(decay, Double(1 + steps) / Double(10 + steps))
        let (old, fresh) = (Float(kept), Float(1 - kept))
        for bucket in buckets.indices {
            buckets[bucket] =
                buckets[bucket].scaled(by: old) + new[bucket].detached.scaled(by: fresh)
        }
        let moved = statistics.scaled(by: old) + newStatistics.scaled(by: fresh)
        statistics = Tensor(rows: 1, columns: moved.count) { values in
            moved.withValues { moved in
                for index in values.indices { values[index] = moved[index] }
            }
            newStatistics.withValues { new in
                for index in counts { values[index] = new[index] }
            }
        }
    }
}
