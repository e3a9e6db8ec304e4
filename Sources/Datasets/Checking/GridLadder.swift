package import PointClouds

/// The numbers of voxels of a scene for common grid sizes.
package struct GridLadder: Sendable, Equatable {
    /// The grid sizes in metres.
    package static let sizes: [Float] = [
        0.01, 0.02, 0.03, 0.05, 0.08, 0.1, 0.15, 0.2, 0.3, 0.5, 0.8, 1, 1.5, 2,
    ]

    /// The number of voxels at each size; nil if the grid would have too many cells.
    package let voxels: [Int?]
    /// The number of points of the scene.
    package let points: Int

    /// Counts the voxels of a scene.
    package init(_ cloud: Cloud) {
        points = cloud.count
        // Channels and labels would be thinned for every grid, but only cells are counted.
        let bare = Cloud(positions: cloud.positions)
        voxels = Self.sizes.map { size in
            (try? VoxelCloud(bare, gridSize: size))?.count
        }
    }

    /// The size at which the median scene keeps the share of its points that is nearest to one
    /// half.
    ///
    /// - Returns: a place in ``sizes``, or nil without scenes.
    package static func recommendation(for scenes: [GridLadder]) -> Int? {
        let shares = sizes.indices.map { medianShare(at: $0, of: scenes) }
        return shares.indices.filter { shares[$0] != nil }
            .min { abs((shares[$0] ?? 0) - 0.5) < abs((shares[$1] ?? 0) - 0.5) }
    }

    /// The share of points that the median scene keeps at a size.
    package static func medianShare(at size: Int, of scenes: [GridLadder]) -> Double? {
        let shares = scenes.compactMap { scene in
            scene.voxels[size].map { Double($0) / Double(max(scene.points, 1)) }
        }.sorted()
        return shares.count == scenes.count && !shares.isEmpty ? shares[shares.count / 2] : nil
    }

    /// The number of voxels that nine of ten scenes do not exceed.
    package static func voxels(at size: Int, of scenes: [GridLadder]) -> Int? {
        let counts = scenes.compactMap { $0.voxels[size] }.sorted()
        return counts.isEmpty ? nil : counts[(counts.count * 9 - 1) / 10]
    }
}
