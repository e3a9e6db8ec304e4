package import Networks

/// What a micro-shard says of itself beside its gradient; summed over the tree like gradients.
package struct ShardReport: Sendable {
    /// The objectives' total share; each term's share in the order of the recipe; the squares of
    /// each term's gradient by the student's outputs; the number of labelled points and of points.
    package var values: [Double]
    /// What each batch normalisation saw, in the order of the network's specifications.
    package var moments: [ForwardContext.Moments]
    /// How long its parts took.
    package var times: ShardTimes

    /// A report of the given numbers.
    package init(
        values: [Double], moments: [ForwardContext.Moments] = [], times: ShardTimes = ShardTimes()
    ) {
        self.values = values
        self.moments = moments
        self.times = times
    }

    /// How many values a report on so many terms has.
    package static func count(terms: Int) -> Int { 2 * terms + 3 }

    /// The weighted sum of the terms.
    package var loss: Double { values[0] }

    /// Each term's value, and the norm of its gradient by the student's outputs, both without the
    /// term's weight.
    ///
    /// Of all micro-shards together they are the mini-batch's.
    package var terms: [(value: Double, gradientNorm: Double)] {
        let count = (values.count - 3) / 2
        return (0..<count).map { (values[1 + $0], values[1 + count + $0].squareRoot()) }
    }

    /// How many points have a label.
    package var labelled: Int { Int(values[values.count - 2]) }

    /// How many points there are.
    package var points: Int { Int(values[values.count - 1]) }

    /// Both together: values added, moments pooled.
    package static func + (a: ShardReport, b: ShardReport) -> ShardReport {
        precondition(
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
