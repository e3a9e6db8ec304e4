public import Tensors

/// A cloud with one point for each occupied voxel of a cubic grid.
///
/// Voxels are numbered along the z curve for any order of the points, so that neighbours in space
/// are neighbours in memory. The cost is linear (a radix sort of the cells' codes).
public struct VoxelCloud: Sendable {
    /// The choice of a voxel's representative point.
    public enum Representative: Sendable {
        /// The first point in the cloud's order.
        case first
        /// A point drawn uniformly from the voxel's points, as in training.
        case drawn(CounterGenerator)
    }

    /// The choice of a voxel's label.
    public enum LabelRule: String, Sendable, Codable {
        /// The label of the representative point.
        case representative
        /// The most frequent label of the points; the smallest class among equals. Points that are
        /// ``Cloud/ignored`` do not count unless all are.
        case majority
    }

    /// One point for each voxel.
    public var cloud: Cloud {
        willSet {
            precondition(
                newValue.count == cloud.count, "\(newValue.count) points for \(cloud.count) voxels."
            )
        }
    }
    /// The cell of each voxel, counted from the least coordinates of the cloud, hence not negative.
    public let gridCoordinates: [SIMD3<Int32>]
    /// The voxel of each point of the original cloud; -1 if a crop has removed it.
    public let inverse: [Int32]
    /// The side of a voxel, metres.
    public let gridSize: Float

    /// The number of voxels.
    public var count: Int { gridCoordinates.count }

    init(cloud: Cloud, gridCoordinates: [SIMD3<Int32>], inverse: [Int32], gridSize: Float) {
        self.cloud = cloud
        self.gridCoordinates = gridCoordinates
        self.inverse = inverse
        self.gridSize = gridSize
    }

    /// The occupied voxels of a cloud: cell `floor((p - least) / gridSize)`.
    ///
    /// - Throws: ``PointCloudError`` if a coordinate is not finite, if the cloud spans more than
    ///   2^20 cells, or if the grid size is not positive.
    public init(
        _ cloud: Cloud, gridSize: Float, representative: Representative = .first,
        labels: LabelRule = .representative
    ) throws {
        try cloud.check()
        let cells = try gridCells(of: cloud.positions, gridSize: gridSize)
        let depth = DepthRule().depth(largest: cells.reduce(0) { max($0, $1.max()) })
        let codes = CurveOrder.z.codes(of: cells, depth: depth)
        let order = sortingOrder(codes)

        var inverse = [Int32](repeating: 0, count: cells.count)
        var starts: [Int32] = []
        var last: UInt64?
        for (place, row) in order.enumerated() {
            let code = codes[Int(row)]
            if code != last {
                starts.append(Int32(place))
                last = code
            }
            inverse[Int(row)] = Int32(starts.count - 1)
        }
        starts.append(Int32(cells.count))
        let voxels = Segments(starts: starts, members: order, segmentOfRow: inverse)

        let chosen = voxels.chosen(by: representative)
        var thinned = cloud.selecting(chosen)
        if labels == .majority && !cloud.labels.isEmpty {
            thinned.labels = voxels.majority(of: cloud.labels)
        }
        self.init(
            cloud: thinned, gridCoordinates: chosen.map { cells[Int($0)] }, inverse: inverse,
            gridSize: gridSize)
    }

    /// The given voxels only, in the given order.
    ///
    /// The cells keep their coordinates; points of removed voxels have -1 in ``inverse``.
    public func selecting(_ rows: [Int32]) -> VoxelCloud {
        var place = [Int32](repeating: -1, count: count)
        for (index, row) in rows.enumerated() { place[Int(row)] = Int32(index) }
        return VoxelCloud(
            cloud: cloud.selecting(rows), gridCoordinates: rows.map { gridCoordinates[Int($0)] },
            inverse: inverse.map { $0 < 0 ? -1 : place[Int($0)] }, gridSize: gridSize)
    }
}

/// The cell of each position, counted from the least coordinates.
private func gridCells(of positions: [SIMD3<Float>], gridSize: Float) throws -> [SIMD3<Int32>] {
    guard gridSize > 0 && gridSize.isFinite else {
        throw PointCloudError("The grid size is \(gridSize) m; it must be a positive length.")
    }
    guard var least = positions.first else { return [] }
    var greatest = least
    for position in positions {
        least.replace(with: position, where: position .< least)
        greatest.replace(with: position, where: position .> greatest)
    }
    let cells = ((greatest - least) / gridSize).rounded(.down).max()
    let most = 1 << CurveOrder.greatestDepth
    guard cells < Float(most) else {
        let extent = (greatest - least).max()
        throw PointCloudError(
            "The cloud spans \(extent) m, more than \(most) cells of \(gridSize) m; "
                + "enlarge the grid size or crop the cloud.")
    }
    return positions.map { position in
        // No quotient is negative, so truncation rounds down. Coordinate by coordinate, because the
        // conversion of whole vectors is generic code that the compiler does not specialise.
        let cell = (position - least) / gridSize
        return SIMD3(Int32(cell.x), Int32(cell.y), Int32(cell.z))
    }
}

extension Segments {
    /// One row of each segment.
    func chosen(by rule: VoxelCloud.Representative) -> [Int32] {
        switch rule {
        case .first: return (0..<count).map { members[Int(starts[$0])] }
        case .drawn(var generator):
            return (0..<count).map { segment in
                let size = Int(starts[segment + 1] - starts[segment])
                return members[Int(starts[segment]) + generator.index(below: size)]
            }
        }
    }
}
