// The C kernels behind array-valued functions. No other file of this module handles pointers, so that
// memory safety can be reviewed here.

import CKernels
import Tensors

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
///
/// The pairs of each place are found and sorted independently, so that a team can share the places.
func neighbourPairs(
    _ cells: [SIMD3<Int32>], cloudStarts: [Int32], size: Int
) -> (starts: [Int32], inputs: [Int32], outputs: [Int32]) {
    let rows = cells.count
    let volume = size * size * size
    let half = volume / 2
    guard rows > 0 else { return ([Int32](repeating: 0, count: volume + 1), [], []) }

    // A region of `rows` pairs for each place behind the centre. Most of it is never written, and the
    // system provides only the pages that are. Separate regions let threads search without locks.
    nonisolated(unsafe) let inputs = UnsafeMutablePointer<Int32>.allocate(capacity: half * rows + 1)
    nonisolated(unsafe) let outputs = UnsafeMutablePointer<Int32>.allocate(
        capacity: half * rows + 1)
    defer {
        unsafe inputs.deallocate()
        unsafe outputs.deallocate()
    }
    nonisolated(unsafe) let work = unsafe dj_neighbours_lay(
        cells, cloudStarts, cloudStarts.count - 1)
    let counts = ThreadTeam.map(half) { place in
        let region = place * rows
        return unsafe dj_neighbours_look(
            work, Int32(size), Int32(place), inputs + region, outputs + region)
    }
    unsafe dj_neighbours_raze(work)

    // Place `half` is the centre. Places before it have the pairs of their mirror images, so that only
    // half of the neighbours are searched for.
    let starts = (0..<volume).reduce(into: [Int32(0)]) { starts, place in
        let distance = abs(place - half)
        starts.append(starts[place] + (distance == 0 ? Int32(rows) : counts[distance - 1]))
    }
    let pairs = Int(starts[volume])
    var allInputs: [Int32] = []
    let allOutputs = unsafe [Int32](unsafeUninitializedCapacity: pairs) { buffer, count in
        nonisolated(unsafe) let toOutputs = buffer.baseAddress!
        unsafe allInputs = [Int32](unsafeUninitializedCapacity: pairs) { buffer, count in
            nonisolated(unsafe) let toInputs = buffer.baseAddress!
            ThreadTeam.forEach(half + 1) { distance in
                let behind = Int(starts[half + distance])
                if distance == 0 {
                    for row in 0..<rows {
                        unsafe toInputs[behind + row] = Int32(row)
                        unsafe toOutputs[behind + row] = Int32(row)
                    }
                    return
                }
                let found = Int(counts[distance - 1])
                let region = (distance - 1) * rows
                unsafe (toInputs + behind).update(from: inputs + region, count: found)
                unsafe (toOutputs + behind).update(from: outputs + region, count: found)
                let before = Int(starts[half - distance])
                unsafe dj_neighbours_mirror(
                    inputs + region, outputs + region, found, rows, toInputs + before,
                    toOutputs + before)
            }
            count = pairs
        }
        count = pairs
    }
    return (starts, allInputs, allOutputs)
}
