import Formats
import PointClouds
import Testing
import ZipArchives

@Suite struct FileTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private let cloud = Cloud(
        positions: [SIMD3(1, -2, 3.5), SIMD3(0.1, 0.2, 0.3)], origin: SIMD3(650_000, 6_860_000, 0),
        channels: [.init(name: "intensity", values: [0.5, 0.75])], labels: [1, Cloud.ignored])

    @Test("a KITTI scan is read as it was written")
    func scanRoundTripKeepsPointsAndIntensity() throws {
        try ScanFile.write(cloud, to: folder.path + "/a.bin")
        let again = try ScanFile.read(folder.path + "/a.bin")
        #expect(again.positions == cloud.positions)
        #expect(again.channels == cloud.channels)
    }

    @Test("a PLY file has the properties and points of its header")
    func polygonFileMatchesItsHeader() throws {
        let path = folder.path + "/a.ply"
        try PolygonFile.write(
            cloud, palette: [Palette.Colour(1, 2, 3), Palette.Colour(4, 5, 6)], to: path)
        let written = try bytes(of: path)
        let end = Array("end_header\n".utf8)
        let start = try #require(
            (0..<written.count).first { written[$0...].starts(with: end) }.map { $0 + end.count })
        let header = String(decoding: written[..<start], as: UTF8.self).split(separator: "\n")
        #expect(header.contains("element vertex 2"))
        #expect(header.contains("comment origin 650000.0 6860000.0 0.0"))
        #expect(header.filter { $0.hasPrefix("property") }.count == 7)
        #expect(written.count - start == 2 * 19)
        let corner: [Float] = [1, -2, 3.5]
        let first: [UInt8] = corner.flatMap { wordBytes($0.bitPattern) } + [4, 5, 6]
        #expect(Array(written[start..<start + 19]) == first + wordBytes(1))
        #expect(Array(written.suffix(7)) == [80, 80, 80, 255, 255, 255, 255])
        #expect(throws: SourceError.self) {
            try PolygonFile.write(cloud, labels: [1], palette: [], to: path)
        }
    }

    @Test("a failed write names its path")
    func failedWriteNamesItsPath() {
        #expect {
            try LabelFile.write([1], to: "/nowhere/at/all.label")
        } throws: {
            "\($0)".hasPrefix("The file /nowhere/at/all.label cannot be written: ")
        }
    }
}
