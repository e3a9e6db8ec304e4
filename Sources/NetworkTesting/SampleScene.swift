package import Networks
import PointClouds
import Tensors

extension Scene {
    /// A scene for trying a network: clouds of connected voxels with random features.
    ///
    /// Each cloud is the trace of a random walk through a cube, so every voxel has neighbours and
    /// coarser stages pool several of them. The same arguments give the same bits.
    ///
    /// - Parameters:
    ///   - network: the network that decides geometry and input channels.
    ///   - voxels: the number of voxels of each cloud.
    ///   - seed: the seed of walks and features, which also depend on the cloud's place in the list.
    package init(for network: some Network, voxels: [Int], seed: UInt64) throws {
        let cells = voxels.enumerated().map { cloud, count in
            randomWalk(count: count, seed: seed, sample: UInt64(cloud))
        }
        let channels = network.inputChannels
        let counts = voxels.enumerated()
        let features = counts.flatMap { cloud, count in
            var generator = CounterGenerator(
                seed: seed, sample: UInt64(cloud), purpose: .init("features"))
            return (0..<count * channels).map { _ in generator.uniform(in: -1...1) }
        }
        self.init(
            features: Tensor(rows: voxels.reduce(0, +), columns: channels, features),
            hierarchy: try network.geometry.hierarchy(gridCoordinates: cells),
            positions: cells.flatMap { $0 }.map { SIMD3<Float>($0) * 0.1 })
    }
}

/// The first `count` distinct cells of a random walk through a cube of which most cells stay empty.
private func randomWalk(count: Int, seed: UInt64, sample: UInt64) -> [SIMD3<Int32>] {
    var side: Int32 = 4
    // In a nearly full cube the walk would seldom reach a new cell.
    while Int(side) * Int(side) * Int(side) < 8 * count { side *= 2 }
    var generator = CounterGenerator(seed: seed, sample: sample, purpose: .init("walk"))
    var cell = SIMD3<Int32>(repeating: side / 2)
    var seen: Set = [cell]
    var walk = [cell]
    while walk.count < count {
        let axis = generator.index(below: 3)
        let step: Int32 = generator.index(below: 2) == 0 ? -1 : 1
        cell[axis] = min(max(cell[axis] + step, 0), side - 1)
        if seen.insert(cell).inserted { walk.append(cell) }
    }
    return walk
}
