import Tensors

/// Points of a cloud in one super-voxel.
struct SuperVoxel {
    /// The rows, voxel by voxel, ascending within a voxel.
    var rows: [Int32] = []
    /// The number of rows of each voxel, in the order of the rows.
    var voxels: [Int] = []
    /// The weight of the draw: ((1 - C_cur / C_tot) / N_v) (D / R).
    var weight = 0.0
}

extension SuperVoxel {
    /// The non-empty super-voxels of a cloud, in the order of their cells.
    ///
    /// C_cur is the number of the cloud's points of the class that is most frequent in the super-voxel (the
    /// smallest among equals; unlabelled points form a class), C_tot the number of the cloud's points, N_v
    /// the number of super-voxels; D and R are those of ``SuperVoxelCells/reach(ofSuperVoxel:)``. Where all
    /// points have one class, the first factor is 1 / N_v. O(n log n).
    ///
    /// - Parameters:
    ///   - range: the cloud's rows.
    ///   - positions: of all rows, metres.
    ///   - labels: of all rows.
    static func all(
        of range: Range<Int>, positions: [SIMD3<Float>], labels: [Int32], grid: SuperVoxelGrid
    ) -> [SuperVoxel] {
        let cells = SuperVoxelCells(positions[range], grid: grid)
        let classes = Tally(labels[range])
        var found: [SuperVoxel] = []
        var last = (superVoxel: -1, key: -1)
        for place in order(of: cells.keys) {
            let key = cells.keys[place]
            let superVoxel = cells.superVoxel(of: key)
            if superVoxel != last.superVoxel {
                found.append(SuperVoxel(weight: cells.reach(ofSuperVoxel: superVoxel)))
            }
            if key != last.key { found[found.count - 1].voxels.append(0) }
            last = (superVoxel, key)
            found[found.count - 1].rows.append(Int32(range.lowerBound + place))
            found[found.count - 1].voxels[found[found.count - 1].voxels.count - 1] += 1
        }
        for index in found.indices {
            let own = Tally(found[index].rows.lazy.map { labels[Int($0)] })
            let share = Double(classes[own.mostFrequent]) / Double(range.count)
            // With a single class every weight would be 0, and nothing could be drawn.
            found[index].weight *= (share < 1 ? 1 - share : 1) / Double(found.count)
        }
        return found
    }

    /// Places sorted by key, ascending among equals.
    private static func order(of keys: [Int]) -> [Int] {
        // Ties by index: the standard library does not promise a stable sort.
        keys.indices.sorted { keys[$0] != keys[$1] ? keys[$0] < keys[$1] : $0 < $1 }
    }

    /// At most `count` super-voxels, drawn without replacement in proportion to their weights.
    ///
    /// Their order is kept; all of them if there are no more. Chosen by the smallest -log u / weight, u
    /// uniform for each (Efraimidis & Spirakis 2006).
    static func drawn(
        _ count: Int, of all: [SuperVoxel], by generator: inout CounterGenerator
    ) -> [SuperVoxel] {
        guard all.count > count else { return all }
        let times = all.map { superVoxel in
            // Plus one keeps the share above 0, where the logarithm is not finite.
            -logarithm((Double(generator.next() >> 11) + 1) * 0x1p-53) / superVoxel.weight
        }
        let first = all.indices.sorted {
            times[$0] != times[$1] ? times[$0] < times[$1] : $0 < $1
        }
        return first.prefix(count).sorted().map { all[$0] }
    }
}

/// Number of points of each label; labels below 0 form one class.
private struct Tally {
    private var counts: [Int] = []

    init(_ labels: some Sequence<Int32>) {
        for label in labels {
            let place = Int(max(label, -1)) + 1
            if place >= counts.count {
                counts += [Int](repeating: 0, count: place + 1 - counts.count)
            }
            counts[place] += 1
        }
    }

    subscript(_ label: Int) -> Int { counts[label + 1] }

    /// The smallest of the most frequent labels; unlabelled counts as the largest.
    var mostFrequent: Int {
        var best = -1
        for place in counts.indices.dropFirst() where counts[place] > 0 {
            let isBetter = best < 0 ? counts[place] >= counts[0] : counts[place] > counts[best + 1]
            if isBetter { best = place - 1 }
        }
        return best
    }
}
