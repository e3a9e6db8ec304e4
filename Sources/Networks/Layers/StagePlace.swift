public import PointClouds
import Tensors

/// Where in a scene a block computes: a stage of the hierarchy, and which of its curves is the
/// block's first, second, ….
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
    /// In training with `shuffles`, each stage's curves
    /// are permuted anew at every step, alike for all clouds and all micro-shards.
    public static func all(of hierarchy: PointHierarchy, _ pass: ForwardContext, shuffles: Bool)
        -> [Self]
    {
        hierarchy.stages.enumerated().map { index, stage in
            var curves = Array(stage.orders.indices)
            if shuffles, case .training(let seed, let step, _) = pass.mode {
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
