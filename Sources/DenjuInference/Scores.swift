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
    /// The given rows, in their order.
    func rows(_ places: [Int32]) -> Tensor {
        Tensor(rows: places.count, columns: columns) { copied in
            withValues { values in
                for (row, place) in places.enumerated() {
                    let (from, to) = (Int(place) * columns, row * columns)
                    for column in 0..<columns { copied[to + column] = values[from + column] }
                }
            }
        }
    }

    /// The entry of each row in the given column.
    func entries(inColumns places: [Int32]) -> [Float] {
        withValues { values in
            places.enumerated().map { row, column in values[row * columns + Int(column)] }
        }
    }

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
