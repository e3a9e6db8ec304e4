import PointClouds
public import Tensors

/// A residual branch that whole clouds skip at random in training (Huang et al., "Deep networks
/// with stochastic depth", ECCV 2016).
///
/// `y = x + m/(1 - rate) · branch(x)`, m drawn once for a cloud: 0 with probability `rate`, else 1.
/// The public implementation draws for every point, so that attention mixes points of different
/// networks; with one draw for a cloud, all points of a cloud pass through the same network.
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

    /// The operands that a branch combines with its result: `residual + factors · branch`.
    ///
    /// The branch's last linear map applies both, which saves two passes over memory.
    public struct Branch {
        /// The input of the branch, to which its result is added.
        public let residual: Tensor
        /// The factor of each row of the branch; nil for 1.
        public let factors: [Float]?
    }

    /// The sum of `x` and the result of `branch`, for the clouds that do not skip the branch.
    ///
    /// `branch` must return `residual + factors · result` for its argument.
    /// A branch that every cloud of the scene skips is not computed at all: the gradients of its
    /// parameters are then absent, which means zero.
    public func callAsFunction(
        _ x: Tensor, at place: StagePlace, _ context: ForwardContext, branch: (Branch) -> Tensor
    ) -> Tensor {
        guard rate > 0, case .training(let seed, let step, let samples) = context.mode else {
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

    /// The factor of a sample's branch: 0 or 1/(1 - rate).
    public func factor(seed: UInt64, step: Int, sample: UInt64) -> Float {
        // Keyed by the sample, so that a cloud draws the same in every division into micro-shards.
        var generator = CounterGenerator(seed: seed, step: step, sample: sample, purpose: purpose)
        return generator.uniform() < rate ? 0 : 1 / (1 - rate)
    }
}

extension DropPath {
    /// The rates of the blocks of stages with these depths, finest first, spaced as in the public
    /// implementations: from 0 to `end` in equal steps over all blocks, in the order in which an encoder
    /// computes them; a single one is 0.
    static func rising(to end: Double, depths: [Int]) -> [[Float]] {
        let count = depths.reduce(0, +)
        var block = 0
        return depths.map { depth in
            defer { block += depth }
            return (block..<block + depth).map {
                count == 1 ? 0 : Float(end * Double($0) / Double(count - 1))
            }
        }
    }

    /// The same for a decoder, which computes the finest stage last: its last block has the lowest rate.
    static func falling(to end: Double, depths: [Int]) -> [[Float]] {
        rising(to: end, depths: depths).map { $0.reversed() }
    }
}
