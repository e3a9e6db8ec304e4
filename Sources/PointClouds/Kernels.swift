// The C kernels behind array-valued functions: the only place of this room where pointers pass.

import CKernels

/// The codes of cells along a curve; see ``CurveOrder/codes(of:depth:)``.
func curveCodes(
    _ cells: [SIMD3<Int32>], depth: Int, hilbert: Bool, transposed: Bool
) -> [UInt64] {
    guard !cells.isEmpty else { return [] }
    return unsafe [UInt64](unsafeUninitializedCapacity: cells.count) { codes, count in
        unsafe dj_curve_codes(
            cells, cells.count, Int32(depth), hilbert ? 1 : 0, transposed ? 1 : 0,
            codes.baseAddress!)
        count = cells.count
    }
}

/// The order that sorts the keys; equal keys keep theirs (linear in their number).
package func sortingOrder(_ keys: [UInt64]) -> [Int32] {
    guard !keys.isEmpty else { return [] }
    return unsafe [Int32](unsafeUninitializedCapacity: keys.count) { order, count in
        unsafe dj_argsort(keys, keys.count, order.baseAddress!)
        count = keys.count
    }
}

/// The pairs of a cubic kernel over cells: `starts`, `inputs` and `outputs` of a kernel map.
func neighbourPairs(
    _ cells: [SIMD3<Int32>], cloudStarts: [Int32], size: Int
) -> (starts: [Int32], inputs: [Int32], outputs: [Int32]) {
    let rows = cells.count
    let volume = size * size * size
    let half = volume / 2
    guard rows > 0 else { return ([Int32](repeating: 0, count: volume + 1), [], []) }

    var counts = [Int32](repeating: 0, count: max(half, 1))
    var halfInputs: [Int32] = []
    // Most of the room is never touched, and the system gives memory as it is.
    let halfOutputs = unsafe [Int32](unsafeUninitializedCapacity: half * rows + 1) {
        outputs, count in
        unsafe halfInputs = [Int32](unsafeUninitializedCapacity: half * rows + 1) { inputs, count in
            unsafe dj_neighbours_find(
                cells, cloudStarts, cloudStarts.count - 1, Int32(size), inputs.baseAddress!,
                outputs.baseAddress!, &counts)
            count = counts.reduce(0) { $0 + Int($1) }
        }
        count = counts.reduce(0) { $0 + Int($1) }
    }

    // Place `half` is the centre; the place h + 1 before it has as many pairs as the one behind.
    var starts: [Int32] = [0]
    for place in 0..<volume {
        let distance = abs(place - half)
        starts.append(starts[place] + (distance == 0 ? Int32(rows) : counts[distance - 1]))
    }
    let pairs = Int(starts[volume])
    var inputs: [Int32] = []
    let outputs = unsafe [Int32](unsafeUninitializedCapacity: pairs + 1) { outputs, count in
        unsafe inputs = [Int32](unsafeUninitializedCapacity: pairs + 1) { inputs, count in
            unsafe dj_neighbours_mirror(
                halfInputs, halfOutputs, rows, half, starts, inputs.baseAddress!,
                outputs.baseAddress!)
            count = pairs
        }
        count = pairs
    }
    return (starts, inputs, outputs)
}
