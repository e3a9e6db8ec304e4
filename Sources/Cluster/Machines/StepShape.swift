package import Training

/// What is the same in all steps of a run, as far as sharing them out goes.
package struct StepShape: Sendable, Equatable {
    /// Micro-shards a step.
    package var shards: Int
    /// Buckets the parameters travel in.
    package var buckets: Int
    /// How often objectives must know of the whole mini-batch before backward: 0, 1 or 2.
    package var exchanges: Int
    /// How exact gradients are on their way to the sum.
    package var wire: GradientWire

    /// A shape.
    package init(shards: Int, buckets: Int, exchanges: Int, wire: GradientWire = .float32) {
        self.shards = shards
        self.buckets = buckets
        self.exchanges = exchanges
        self.wire = wire
    }
}
