import Settings

/// Division of a cloud into super-voxels, and of each into voxels.
///
/// Both are fitted to the cloud, so the division of a cloud does not depend on other clouds.
package enum SuperVoxelGrid: Sendable, Hashable {
    /// Rings, sectors and layers about the sensor at the origin, for lidar.
    ///
    /// The smallest cylinder that holds the cloud is divided by radius, angle and height into `cells`
    /// voxels; a super-voxel spans `span` of them in each direction.
    case cylindrical(cells: SIMD3<Int>, span: SIMD3<Int>)

    /// Cubes that begin at the lowest corner of the cloud's bounding box, for rooms.
    ///
    /// Each is `side` metres long and has `division` voxels per side.
    case cubic(side: Double, division: Int)

    /// 480 x 360 x 32 voxels, 120 x 60 x 8 of them per super-voxel, as in PVKD.
    package static let lidar = SuperVoxelGrid.cylindrical(
        cells: SIMD3(480, 360, 32), span: SIMD3(120, 60, 8))
}

extension SuperVoxelGrid: CustomStringConvertible {
    /// The Swift expression that makes it: `.lidar`, `.cubic(side: 2, division: 8)`.
    package var description: String {
        func list(_ v: SIMD3<Int>) -> String { "[\(v.x), \(v.y), \(v.z)]" }
        switch self {
        case .lidar: return ".lidar"
        case .cylindrical(let cells, let span):
            return ".cylindrical(cells: \(list(cells)), span: \(list(span)))"
        case .cubic(let side, let division):
            return ".cubic(side: \(short(side)), division: \(division))"
        }
    }
}

// MARK: - In recipes

extension SuperVoxelGrid {
    /// The settings of a grid.
    static let settings: [ObjectiveEntry.Setting] = [
        .init("grid", "cylindrical", "cylindrical (about a lidar) or cubic (rooms)"),
        .init("cells", "[480, 360, 32]", "cylindrical: voxels by radius, angle and height"),
        .init("span", "[120, 60, 8]", "cylindrical: voxels a super-voxel spans each way"),
        .init("side", "2", "cubic: metres a side of a super-voxel"),
        .init("division", "8", "cubic: voxels a side of a super-voxel"),
    ]

    /// The grid of a recipe's settings.
    init(_ read: SettingsMapping) throws {
        let isCubic = try read.word("grid", of: ["cylindrical", "cubic"]) == "cubic"
        let foreign = isCubic ? ["cells", "span"] : ["side", "division"]
        // A setting of the other kind of grid would otherwise be ignored without a message.
        if let key = foreign.first(where: read.has) {
            throw read.error(
                "\(read.name).\(key): a \(isCubic ? "cubic" : "cylindrical") grid has none: remove "
                    + "it, or say grid: \(isCubic ? "cylindrical" : "cubic").")
        }
        guard !isCubic else {
            self = .cubic(
                side: try read.positive("side", default: 2),
                division: try read.integer("division", default: 8, in: 1...256))
            return
        }
        func three(_ key: String, _ standard: SIMD3<Int>) throws -> SIMD3<Int> {
            guard let numbers = try read.integers(key, count: 3, in: 1...4096) else {
                return standard
            }
            return SIMD3(numbers[0], numbers[1], numbers[2])
        }
        self = .cylindrical(
            cells: try three("cells", SIMD3(480, 360, 32)),
            span: try three("span", SIMD3(120, 60, 8)))
    }
}
