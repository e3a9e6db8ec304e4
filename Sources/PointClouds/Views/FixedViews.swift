import Tensors

/// A fixed number of views of every sample, instead of a new view at each step.
///
/// View v of a sample is drawn from (seed of the views, v, sample) alone. Runs with any seed use the
/// same views, so that a teacher's outputs for them can be stored. Each run draws the view of a step
/// itself.
public struct FixedViews: Sendable, Equatable {
    /// The number of views of a sample, which are numbered from 0.
    public var count: Int
    /// The seed of the views.
    public var seed: UInt64

    /// The given number of views, at least one.
    public init(count: Int, seed: UInt64 = 0) {
        precondition(count > 0, "\(count) views of a sample.")
        self.count = count
        self.seed = seed
    }

    /// The number of the view that a step of a run uses for a sample.
    public func number(seed: UInt64, step: Int, sample: UInt64) -> Int {
        var generator = CounterGenerator(
            seed: seed, step: step, sample: sample, purpose: .init("number of a view"))
        return generator.index(below: count)
    }
}
