import Tensors

/// A small voxelised surface with loose voxels around it, and its kernel maps built the plain way.
struct VoxelSheet {
    var voxels: [SIMD3<Int32>] = []

    /// `count` voxels in shuffled order; about half of them on a sheet, the others anywhere.
    init(count: Int, seed: UInt64) {
        var generator = CounterGenerator(seed: seed, purpose: .init("voxel sheet"))
        let side = Int(Double(count).squareRoot()) + 2
        var seen: Set<SIMD3<Int32>> = []
        while voxels.count < count {
            let x = Int32(generator.index(below: side))
            let y = Int32(generator.index(below: side))
            let loose = generator.uniform() < 0.3
            let z = loose ? Int32(generator.index(below: side)) : (x + y) / 3
            let voxel = SIMD3(x, y, z)
            if seen.insert(voxel).inserted { voxels.append(voxel) }
        }
    }

    /// The pairs of a kernel of `size` places along each axis.
    func map(size: Int) -> KernelMap {
        var rowOf: [SIMD3<Int32>: Int32] = [:]
        for (row, voxel) in voxels.enumerated() { rowOf[voxel] = Int32(row) }
        let reach = Int32(size / 2)
        var starts: [Int32] = [0]
        var inputs: [Int32] = []
        var outputs: [Int32] = []
        for a in -reach...reach {
            for b in -reach...reach {
                for c in -reach...reach {
                    for (row, voxel) in voxels.enumerated() {
                        guard let neighbour = rowOf[voxel &+ SIMD3(a, b, c)] else { continue }
                        inputs.append(neighbour)
                        outputs.append(Int32(row))
                    }
                    starts.append(Int32(inputs.count))
                }
            }
        }
        return KernelMap(
            rows: voxels.count, volume: size * size * size, starts: starts, inputs: inputs,
            outputs: outputs)
    }
}

/// Uniform values in -1 ..< 1.
func uniformValues(_ count: Int, seed: UInt64, _ name: String) -> [Float] {
    var generator = CounterGenerator(seed: seed, purpose: .init(name))
    return (0..<count).map { _ in generator.uniform() * 2 - 1 }
}

/// The distance between two lists of numbers relative to the length of the second.
func relativeDistance(_ a: [Float], _ b: [Double]) -> Double {
    precondition(a.count == b.count)
    var distance = 0.0
    var length = 0.0
    for (x, y) in zip(a, b) {
        distance += (Double(x) - y) * (Double(x) - y)
        length += y * y
    }
    return length == 0 ? distance.squareRoot() : (distance / length).squareRoot()
}
