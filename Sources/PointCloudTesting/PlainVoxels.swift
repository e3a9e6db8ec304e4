/// The cell of each position and, in the order in which they first appear, the positions that are
/// the first in theirs, found in a dictionary: the reference of ``VoxelCloud``'s gridding.
package func plainVoxels(
    of positions: [SIMD3<Float>], gridSize: Float
) -> (first: [Int], voxelOfPosition: [Int]) {
    let least = positions.reduce(SIMD3(repeating: Float.infinity)) { pointwiseMin($0, $1) }
    var voxelOfCell: [SIMD3<Int32>: Int] = [:]
    var first: [Int] = []
    var voxelOfPosition: [Int] = []
    for (index, position) in positions.enumerated() {
        let cell = SIMD3<Int32>((position - least) / gridSize, rounding: .down)
        if voxelOfCell[cell] == nil {
            voxelOfCell[cell] = first.count
            first.append(index)
        }
        voxelOfPosition.append(voxelOfCell[cell]!)
    }
    return (first, voxelOfPosition)
}
