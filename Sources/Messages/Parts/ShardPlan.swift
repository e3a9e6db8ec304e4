/// The clouds of one micro-shard, in their fixed order.
package struct ShardPlan: WireRecord {
    /// The micro-shard's number within the step.
    package var shard: UInt32
    /// The clouds.
    package var samples: [SampleReference]

    package static let layout = Layout(
        ShardPlan.init(shard:samples:),
        .value("shard", \.shard),
        .list("samples", \.samples, limit: Limits.samples))

    /// A record with the given fields.
    package init(shard: UInt32, samples: [SampleReference]) {
        self.shard = shard
        self.samples = samples
    }
}
