public import PointClouds
import Tensors

/// The stage of the hierarchy at which a block computes, with the order in which blocks use its
/// curves.
public struct StagePlace: Sendable {
    /// The voxels and their geometry.
    public let stage: PointHierarchy.Stage
    /// The stage's curves in the order in which blocks use them.
    public let curves: [Int]

    /// A place with its curves in the given order.
    public init(stage: PointHierarchy.Stage, curves: [Int]) {
        self.stage = stage
        self.curves = curves
    }

    /// The places of all stages of a hierarchy.
    ///
    /// In training with `shuffles`, each stage's curves are permuted anew at every step, in the same
    /// way for all clouds and all micro-shards.
    public static func all(of hierarchy: PointHierarchy, _ context: ForwardContext, shuffles: Bool)
        -> [Self]
    {
        hierarchy.stages.enumerated().map { index, stage in
            var curves = Array(stage.orders.indices)
            if shuffles, case .training(let seed, let step, _) = context.mode {
                // Not keyed by samples: one block of a micro-shard attends along one curve.
                var generator = CounterGenerator(
                    seed: seed, step: step, purpose: .init("curves of stage \(index)"))
                for last in stride(from: curves.count - 1, to: 0, by: -1) {
                    curves.swapAt(last, generator.index(below: last + 1))
                }
            }
            return StagePlace(stage: stage, curves: curves)
        }
    }
}
