import Datasets
import Formats
import FoundationEssentials
import PointClouds
import Tensors
import Testing

/// A real scan in every written format, truncated at every kilobyte and with random changes.
@Suite struct RealDamageTests {
    private static let data =
        "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/") + "/shared/data"
    private static let scan = data + "/semantickitti/dataset/sequences/04/velodyne/000000.bin"
    private static let tile = data + "/ign-lidar-hd/train/crop_3.laz"
    static let isThere = [scan, tile].allSatisfy { FileManager.default.fileExists(atPath: $0) }

    private let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    @Test(
        "a damaged scan is rejected or read",
        .enabled(if: isThere, "no real scans beside the checkout"),
        arguments: ["bin", "label", "laz", "ply", "npy", "pcd.bin"])
    func damagedScanIsRejectedOrRead(format: String) throws {
        let path = try make(format)
        let hostile = try HostileReading(path) { try read(path) }
        let rows = format == "bin" ? 16 : format == "pcd.bin" ? 20 : format == "label" ? 4 : 0
        // Files without a header are valid at the end of every record.
        let complete = rows == 0 ? [] : Set(stride(from: 0, to: hostile.sound.count, by: rows))
        try hostile.refusesTruncations(every: 1024, but: complete)
        // Decompression is slow in debug builds.
        try hostile.survivesMutations(format == "laz" ? 6 : 40)
    }

    private func make(_ format: String) throws -> String {
        let path = folder.path + "/scan/real." + format
        try FileManager.default.createDirectory(
            atPath: folder.path + "/scan", withIntermediateDirectories: true)
        guard format != "laz" else {
            try FileManager.default.copyItem(atPath: Self.tile, toPath: path)
            return path
        }
        // Only a part: reading is slow in debug builds.
        let cloud = try ScanFile.read(Self.scan).selecting((0..<6000).map(Int32.init))
        switch format {
        case "bin": try ScanFile.write(cloud, to: path)
        case "label":
            try LabelFile.write((0..<UInt32(cloud.count)).map { $0 % 260 }, to: path)
        case "ply": try PolygonFile.write(cloud, palette: [], to: path)
        case "npy":
            let coordinates = folder.path + "/scan/coord.npy"
            try NumPyWriter.write(
                features(of: cloud, ["position"]), to: coordinates)
            return coordinates
        default:
            try folder.write(
                cloud.positions.flatMap { point in
                    [point.x, point.y, point.z, 0.5, 3].flatMap { wordBytes($0.bitPattern) }
                }, to: "scan/real." + format)
        }
        return path
    }

    private func read(_ path: String) throws {
        guard !path.hasSuffix(".label") else {
            _ = try LabelFile.read(path)
            return
        }
        let scene = path.hasSuffix(".npy") ? folder.path + "/scan" : path
        let cloud = try NamedScans([scene], like: nil).scene(at: 0)
        #expect(cloud.positions.allSatisfy { $0.x.isFinite && $0.y.isFinite && $0.z.isFinite })
    }
}
