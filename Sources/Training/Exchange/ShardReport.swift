public import Networks

/// What a micro-shard says of itself beside its gradient; summed over the tree like gradients.
public struct ShardReport: Sendable {
    /// The objective's total share, then each term's share in the order of the recipe, then the
    /// number of labelled points and of points.
    public var values: [Double]
    /// What each batch normalisation saw, in the order of the network's specifications.
    public var moments: [Pass.Moments]
    /// How long its parts took.
    public var times: ShardTimes

    /// A report of the given numbers.
    public init(
        values: [Double], moments: [Pass.Moments] = [], times: ShardTimes = ShardTimes()
    ) {
        self.values = values
        self.moments = moments
        self.times = times
    }

    /// Both together: values added, moments pooled.
    public static func + (a: ShardReport, b: ShardReport) -> ShardReport {
        precondition(
            a.values.count == b.values.count && a.moments.count == b.moments.count,
            "Reports of different recipes.")
        return ShardReport(
            values: zip(a.values, b.values).map(+),
            moments: zip(a.moments, b.moments).map {
                Pass.Moments(path: $0.path, moments: pooled([$0.moments, $1.moments]))
            },
            times: a.times + b.times)
    }
}
