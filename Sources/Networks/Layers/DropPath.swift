import PointClouds
public import Tensors

/// A residual branch that whole clouds skip at random in training (Huang et al., "Deep networks
/// with stochastic depth", ECCV 2016).
///
/// `y = x + m/(1 - rate) · branch(x)`, m drawn once for a cloud: 0 with probability `rate`, else 1.
/// (The public implementation draws for every point. Then points of one cloud come from different
/// networks, and attention mixes them; drawn for a cloud, a cloud sees one network.)
public struct DropPath: Sendable {
    /// The probability that a cloud skips the branch.
    public let rate: Float
    let purpose: CounterGenerator.Purpose

    /// A branch under the scope's path, skipped with probability `rate` in 0 ..< 1.
    public init(_ scope: ParameterScope, rate: Float) {
        precondition(rate >= 0 && rate < 1, "A drop-path rate is in 0 ..< 1.")
        self.rate = rate
        purpose = .init("drop path " + scope.path)
    }

    /// What a branch joins when it has computed: `residual + factors · branch`.
    ///
    /// Its last linear map does both on the way, which saves two passes over memory.
    public struct Branch {
        /// What the branch starts from and is added to.
        public let residual: Tensor
        /// What each row of the branch is multiplied by; nil for 1.
        public let factors: [Float]?
    }

    /// `x` plus what `branch` computes, for the clouds that do not skip it.
    ///
    /// `branch` must return `residual + factors · (what it computes)` of what it is given.
    /// A branch that every cloud of the scene skips is not computed at all: the gradients of its
    /// parameters are then absent, which means zero.
    public func callAsFunction(
        _ x: Tensor, at place: StagePlace, _ pass: ForwardContext, branch: (Branch) -> Tensor
    ) -> Tensor {
        guard rate > 0, case .training(let seed, let step, let samples) = pass.mode else {
            return branch(Branch(residual: x, factors: nil))
        }
        let clouds = place.stage.cloudRanges
        precondition(
            samples.count == clouds.count, "\(samples.count) samples, \(clouds.count) clouds.")
        let factors = samples.map { factor(seed: seed, step: step, sample: $0) }
        guard factors.contains(where: { $0 != 0 }) else { return x }
        var ofRow = [Float](repeating: 0, count: x.rows)
        for (rows, factor) in zip(clouds, factors) where factor != 0 {
            for row in rows { ofRow[row] = factor }
        }
        return branch(Branch(residual: x, factors: ofRow))
    }

    /// What a sample's branch is multiplied by: 0 or 1/(1 - rate).
    public func factor(seed: UInt64, step: Int, sample: UInt64) -> Float {
        var generator = CounterGenerator(seed: seed, step: step, sample: sample, purpose: purpose)
        return generator.uniform() < rate ? 0 : 1 / (1 - rate)
    }
}
