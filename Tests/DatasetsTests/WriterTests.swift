import Archives
import Datasets
import Formats
import PointClouds
import Testing

@Suite struct WriterTests {
    private let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private let cloud = Cloud(
        positions: [SIMD3(1, -2, 3.5), SIMD3(0.1, 0.2, 0.3)], origin: SIMD3(650_000, 6_860_000, 0),
        channels: [.init(name: "intensity", values: [0.5, 0.75])], labels: [1, Cloud.ignored])

    @Test func predictionsComeBackThroughTheMap() throws {
        let map = ClassMap(ClassLists.semanticKITTI)
        let labels = [Cloud.ignored] + (0..<19).map(Int32.init)
        try LabelFile.write(labels, as: map, to: folder.path + "/a.label")
        let words = try LabelFile.read(folder.path + "/a.label")
        #expect(
            words == [
                0, 10, 11, 15, 18, 20, 30, 31, 32, 40, 44, 48, 49, 50, 51, 70, 71, 72, 80, 81,
            ])
        #expect(words.map { map.label(of: Int($0)) } == labels)
        #expect(try folder.files() == ["a.label"], "no temporary file stays")
        #expect(throws: SourceError.self) {
            try LabelFile.write([19], as: map, to: folder.path + "/b.label")
        }
        #expect(try folder.files() == ["a.label"])
    }

    @Test func theMapIsTheOfficialOne() {
        let map = ClassMap(ClassLists.semanticKITTI)
        let ignored = [0, 1, 52, 99]
        #expect(ignored.allSatisfy { map.label(of: $0) == Cloud.ignored })
        let moving: [(Int, Int)] = [
            (252, 10), (253, 31), (254, 30), (255, 32), (256, 20), (257, 20), (258, 18), (259, 20),
            (13, 20), (16, 20), (60, 40),
        ]
        for (raw, folded) in moving { #expect(map.label(of: raw) == map.label(of: folded)) }
        #expect((-1...70_000).count { map.label(of: $0) != nil } == 34)
    }

    @Test func scansComeBack() throws {
        try ScanFile.write(cloud, to: folder.path + "/a.bin")
        let again = try ScanFile.read(folder.path + "/a.bin")
        #expect(again.positions == cloud.positions)
        #expect(again.channels == cloud.channels)
    }

    @Test func polygonFilesHoldWhatTheHeaderSays() throws {
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
        let first = scanBytes([(1, -2, 3.5, 0)])[..<12] + [4, 5, 6]
        #expect(Array(written[start..<start + 19]) == first + wordBytes(1))
        #expect(Array(written.suffix(7)) == [80, 80, 80, 255, 255, 255, 255])
        #expect(throws: SourceError.self) {
            try PolygonFile.write(cloud, labels: [1], palette: [], to: path)
        }
    }

    @Test func aWriteThatFailsSaysWhere() {
        #expect {
            try LabelFile.write([1], to: "/nowhere/at/all.label")
        } throws: {
            "\($0)".hasPrefix("The file /nowhere/at/all.label cannot be written: ")
        }
    }
}
