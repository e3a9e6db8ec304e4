package import Tensors

/// Moving average of all trained values and of the student's running statistics.
///
/// After the n-th step `average += (1 - d) (weights - average)`, computed as
/// `d average + (1 - d) weights`, with d = min(decay, (1 + n) / (10 + n)), which forgets the untrained
/// initial weights soon. Counts of batches are copied from the weights.
package struct MovingAverage: Sendable {
    /// The largest share of the old average.
    package let decay: Double
    /// The averages of trained values, one flat tensor per bucket.
    package private(set) var buckets: [Tensor]
    /// The student's running statistics, flat.
    package private(set) var statistics: Tensor

    /// An average that begins with these weights.
    package init(decay: Double, buckets: [Tensor], statistics: Tensor) {
        self.decay = decay
        self.buckets = buckets
        self.statistics = statistics
    }

    /// Includes the weights after `steps` steps.
    ///
    /// - Parameter counts: the places of batch counts in the statistics.
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
                // A batch count is a number of events; an average of it would have no meaning.
                for index in counts { values[index] = new[index] }
            }
        }
    }
}
