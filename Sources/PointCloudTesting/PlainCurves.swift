package import PointClouds

/// The code of a cell along a curve, by Skilling's algorithm on lists of bits, one bit at a time:
/// the reference of ``CurveOrder/codes(of:depth:cloud:)``.
package func plainCode(of cell: SIMD3<Int32>, depth: Int, curve: CurveOrder) -> UInt64 {
    let transposed = curve == .zTransposed || curve == .hilbertTransposed
    let axes = transposed ? [cell.y, cell.x, cell.z] : [cell.x, cell.y, cell.z]
    var bits = axes.map { axis in
        (0..<depth).map { (axis >> Int32(depth - 1 - $0)) & 1 == 1 }  // most significant first
    }
    let isHilbert = curve == .hilbert || curve == .hilbertTransposed
    if isHilbert {
        for level in 0..<depth {
            for axis in 0..<3 {
                let isSet = bits[axis][level]
                for lower in level + 1..<max(depth, level + 1) {
                    if isSet {
                        bits[0][lower].toggle()
                    } else {
                        let exchanged = bits[0][lower]
                        bits[0][lower] = bits[axis][lower]
                        bits[axis][lower] = exchanged
                    }
                }
            }
        }
    }
    var code: UInt64 = 0
    var parity = false
    for level in 0..<depth {
        for axis in 0..<3 {
            parity = isHilbert ? parity != bits[axis][level] : bits[axis][level]
            code = code << 1 | (parity ? 1 : 0)
        }
    }
    return code
}

/// The stable order that sorts keys, by comparison: the reference of the radix
/// sort.
package func plainOrder(of keys: [UInt64]) -> [Int32] {
    keys.indices.sorted { (keys[$0], $0) < (keys[$1], $1) }.map { Int32($0) }
}

/// The rows of one cloud's cells along each curve, stage after stage, sorting every stage: the
/// reference of ``PointHierarchy``'s orders.
///
/// - Parameters:
///   - cells: distinct cells with coordinates of 0 or more.
///   - depth: the number of levels of the finest grid.
///   - poolings: the number of times the grid is halved.
package func plainOrders(
    of cells: [SIMD3<Int32>], depth: Int, poolings: Int, curves: [CurveOrder]
) -> [[[Int32]]] {
    var stages: [[[Int32]]] = []
    var cells = cells
    for pooled in 0...poolings {
        if pooled > 0 {
            cells = Array(Set(cells.map { $0 &>> 1 }))
            let first = cells.map { plainCode(of: $0, depth: depth - pooled, curve: curves[0]) }
            cells = plainOrder(of: first).map { cells[Int($0)] }
        }
        stages.append(
            curves.map { curve in
                plainOrder(of: cells.map { plainCode(of: $0, depth: depth - pooled, curve: curve) })
            })
    }
    return stages
}
