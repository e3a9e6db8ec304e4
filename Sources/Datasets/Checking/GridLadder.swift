package import PointClouds

/// How many voxels scenes have at sizes of the grid that people use.
package struct GridLadder: Sendable, Equatable {
    /// The sizes, metres.
    package static let sizes: [Float] = [
        0.01, 0.02, 0.03, 0.05, 0.08, 0.1, 0.15, 0.2, 0.3, 0.5, 0.8, 1, 1.5, 2,
    ]

    /// Voxels of a scene at each size; nil where the grid would have too many cells.
    package let voxels: [Int?]
    /// Points of the scene.
    package let points: Int

    /// Counts a scene's voxels at each size.
    package init(_ cloud: Cloud) {
        points = cloud.count
        let bare = Cloud(positions: cloud.positions)
        voxels = Self.sizes.map { size in
            (try? VoxelCloud(bare, gridSize: size))?.count
        }
    }

    /// The size at which, in the middle one of the scenes, nearest half of the points are left.
    ///
    /// - Returns: its place in ``sizes``, or nil without scenes.
    package static func recommendation(for scenes: [GridLadder]) -> Int? {
        let shares = sizes.indices.map { medianShare(at: $0, of: scenes) }
        return shares.indices.filter { shares[$0] != nil }
            .min { abs((shares[$0] ?? 0) - 0.5) < abs((shares[$1] ?? 0) - 0.5) }
    }

    /// The share of points that stay at a size, in the middle one of the scenes.
    package static func medianShare(at size: Int, of scenes: [GridLadder]) -> Double? {
        let shares = scenes.compactMap { scene in
            scene.voxels[size].map { Double($0) / Double(max(scene.points, 1)) }
        }.sorted()
        return shares.count == scenes.count && !shares.isEmpty ? shares[shares.count / 2] : nil
    }

    /// So many voxels that nine scenes of ten have no more.
    package static func voxels(at size: Int, of scenes: [GridLadder]) -> Int? {
        let counts = scenes.compactMap { $0.voxels[size] }.sorted()
        return counts.isEmpty ? nil : counts[(counts.count * 9 - 1) / 10]
    }
}
