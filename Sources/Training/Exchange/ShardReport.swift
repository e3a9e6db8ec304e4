package import Networks

/// Numbers of a micro-shard beside its gradient; summed over the tree like gradients.
package struct ShardReport: Sendable {
    /// The objectives' total share; each term's share in the order of the recipe; the squares of
    /// each term's gradient by the student's outputs; the number of labelled points and of points.
    package var values: [Double]
    /// The moments of each batch normalisation, in the order of the network's specifications.
    package var moments: [ForwardContext.Moments]
    /// The time that each phase took.
    package var times: ShardTimes

    /// A report of the given numbers.
    package init(
        values: [Double], moments: [ForwardContext.Moments] = [], times: ShardTimes = ShardTimes()
    ) {
        self.values = values
        self.moments = moments
        self.times = times
    }

    /// The number of values of a report on so many terms.
    package static func count(terms: Int) -> Int { 2 * terms + 3 }

    /// The weighted sum of the terms.
    package var loss: Double { values[0] }

    /// Each term's value, and the norm of its gradient by the student's outputs, both without the
    /// term's weight.
    ///
    /// In the sum over all micro-shards they are those of the mini-batch.
    package var terms: [(value: Double, gradientNorm: Double)] {
        let count = (values.count - 3) / 2
        return (0..<count).map { (values[1 + $0], values[1 + count + $0].squareRoot()) }
    }

    /// The number of points with a label.
    package var labelled: Int { Int(values[values.count - 2]) }

    /// The number of points.
    package var points: Int { Int(values[values.count - 1]) }

    /// The report of both: values summed, moments pooled.
    package static func + (a: ShardReport, b: ShardReport) -> ShardReport {
        precondition(
            // Lengths are checked where reports are received, so a mismatch is a programming error.
            a.values.count == b.values.count && a.moments.count == b.moments.count,
            "Reports of different recipes.")
        return ShardReport(
            values: zip(a.values, b.values).map(+),
            moments: zip(a.moments, b.moments).map {
                ForwardContext.Moments(path: $0.path, moments: pooled([$0.moments, $1.moments]))
            },
            times: a.times + b.times)
    }
}
