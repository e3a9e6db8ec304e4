public import PointClouds
import Tensors

/// The cost of one part of a network on a scene.
public struct PartCost: Sendable, Equatable {
    /// The part's name, such as `embedding` or `enc0`.
    public let name: String
    /// Numbers that are trained.
    public internal(set) var parameters = 0
    /// Floating-point operations of products: two for each multiplication with its addition.
    ///
    /// Linear maps, convolutions (over the neighbours that exist) and attention; norms and
    /// activations cost a hundredth of these.
    public internal(set) var operations = 0
}

extension Network {
    /// The part that a parameter or a recorded value belongs to: the first word of its path.
    public func part(of path: String) -> String {
        path.split(separator: ".", maxSplits: 1).first.map(String.init) ?? path
    }

    /// The cost of every part, in the order of the parameters.
    ///
    /// Every weight is counted over the voxels of the finest stage. A network with several stages
    /// or with attention implements this method itself.
    public func costs(on hierarchy: PointHierarchy) -> [PartCost] {
        costs { _ in hierarchy.stages[0] }
    }

    /// The cost of every part but for attention, given the stage that computes with a weight.
    func costs(stage: (ParameterSpecification) -> PointHierarchy.Stage) -> [PartCost] {
        var costs: [PartCost] = []
        for specification in specifications where specification.isTrained {
            let part = part(of: specification.name)
            if costs.last?.name != part { costs.append(PartCost(name: part)) }
            costs[costs.count - 1].parameters += specification.count
            guard specification.role == .weight else { continue }
            costs[costs.count - 1].operations += specification.operations(at: stage(specification))
        }
        return costs
    }
}

extension ParameterSpecification {
    /// Operations of a weight's product with all voxels of a stage.
    fileprivate func operations(at stage: PointHierarchy.Stage) -> Int {
        // outputs x size x size x size x inputs: a kernel meets only the neighbours that exist.
        guard shape.count == 5 else { return 2 * stage.rows * count }
        return 2 * stage.kernelMap(size: shape[1]).inputs.count * shape[0] * shape[4]
    }
}
