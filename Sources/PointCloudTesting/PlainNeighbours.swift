/// For each place of a cubic kernel, the pairs (input row, output row) of one cloud's cells, found
/// in a dictionary cell by cell: the reference of ``PointHierarchy/Stage/kernelMap(size:)``.
///
/// Place ((a * size) + b) * size + c looks at the neighbour displaced by (a - r, b - r, c - r),
/// r = size / 2.
package func plainPairs(of cells: [SIMD3<Int32>], size: Int) -> [[SIMD2<Int32>]] {
    let reach = Int32(size / 2)
    let rowOfCell = Dictionary(
        uniqueKeysWithValues: cells.enumerated().map { ($1, Int32($0)) })
    var places: [[SIMD2<Int32>]] = []
    for a in -reach...reach {
        for b in -reach...reach {
            for c in -reach...reach {
                places.append(
                    cells.enumerated().compactMap { row, cell in
                        rowOfCell[cell &+ SIMD3(a, b, c)].map { SIMD2($0, Int32(row)) }
                    })
            }
        }
    }
    return places
}
