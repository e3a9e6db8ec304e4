public import Training

/// What is the same in all steps of a run, as far as sharing them out goes.
public struct StepShape: Sendable, Equatable {
    /// Micro-shards a step.
    public var shards: Int
    /// Buckets the parameters travel in.
    public var buckets: Int
    /// How often objectives must know of the whole mini-batch before backward: 0, 1 or 2.
    public var exchanges: Int
    /// How exact gradients are on their way to the sum.
    public var wire: GradientWire

    /// A shape.
    public init(shards: Int, buckets: Int, exchanges: Int, wire: GradientWire = .float32) {
        self.shards = shards
        self.buckets = buckets
        self.exchanges = exchanges
        self.wire = wire
    }
}
