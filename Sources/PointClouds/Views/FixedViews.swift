import Tensors

/// A fixed number of views of every sample, in the place of a fresh one at each step.
///
/// What a sample looks like in view v is drawn from (seed of the views, v, sample) alone: runs of
/// any seed see the same views, so that what a teacher says of them can be kept. Which view a step
/// takes is the run's to draw.
public struct FixedViews: Sendable, Equatable {
    /// How many views a sample has; they are numbered from 0.
    public var count: Int
    /// What they are drawn from.
    public var seed: UInt64

    /// So many views, at least one.
    public init(count: Int, seed: UInt64 = 0) {
        precondition(count > 0, "\(count) views of a sample.")
        self.count = count
        self.seed = seed
    }

    /// The view of a sample that a step of a run takes.
    public func number(seed: UInt64, step: Int, sample: UInt64) -> Int {
        var generator = CounterGenerator(
            seed: seed, step: step, sample: sample, purpose: .init("number of a view"))
        return generator.index(below: count)
    }
}
