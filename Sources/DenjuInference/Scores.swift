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
    /// The column of the largest value in each row; the first of equal ones.
    public var largestColumns: [Int32] {
        withValues { values in
            (0..<rows).map { row in
                var best = 0
                for column in 1..<columns
                where values[row * columns + column] > values[row * columns + best] {
                    best = column
                }
                return Int32(best)
            }
        }
    }
}
