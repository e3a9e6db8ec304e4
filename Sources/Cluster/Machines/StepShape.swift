package import Training

/// Properties of a step's work that all steps of a run share.
package struct StepShape: Sendable, Equatable {
    /// Micro-shards per step.
    package var shards: Int
    /// Buckets into which the parameters are divided.
    package var buckets: Int
    /// Exchanges about the whole mini-batch before backward: 0, 1 or 2.
    package var exchanges: Int
    /// The precision of gradients in messages.
    package var wire: GradientWire

    /// The most messages that a worker can be asked for at a time: the results of every micro-shard,
    /// or of one validation sample more than there are micro-shards.
    var requestedMessages: Int { shards * (buckets + 1 + exchanges) + 1 }

    /// The shape of a run's steps.
    package init(shards: Int, buckets: Int, exchanges: Int, wire: GradientWire = .float32) {
        self.shards = shards
        self.buckets = buckets
        self.exchanges = exchanges
        self.wire = wire
    }
}
