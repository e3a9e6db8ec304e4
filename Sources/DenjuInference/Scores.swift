public import Networks
public import PointClouds
public import Tensors

/// Computes a network's class scores for the voxels of a cloud.
///
/// - Parameter features: the network's input, voxels x channels.
/// - Returns: scores, voxels x classes.
public func classScores(
    of voxels: VoxelCloud, features: Tensor, by network: any Network, _ weights: Weights
) throws -> Tensor {
    let scene = try network.geometry.scene(of: [voxels], features: features)
    return network(scene, ForwardContext(.evaluation, of: network, weights)).logits
}

extension Tensor {
    /// The entry of each row in the given column.
    func entries(inColumns places: [Int32]) -> [Float] {
        withValues { values in
            places.enumerated().map { row, column in values[row * columns + Int(column)] }
        }
    }
}
