import DatasetTesting
import Datasets
import Formats
import FoundationEssentials
import PointClouds
import Tensors
import Testing

@Suite struct LASTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func open(
        _ change: (inout DataSettings) -> Void = { _ in }
    ) throws -> any SceneSource {
        try Fixture.open("las", in: folder, change)
    }

    private func scene(_ fixture: String, _ channels: [String]? = nil) throws -> Cloud {
        try Fixture.copy("las/" + fixture, to: "train/\(fixture)", in: folder)
        let source = try open { $0.channels = channels }
        #expect(checkSource(source) == [])
        return try source.scene(at: 0)
    }

    // MARK: - Files of laspy

    @Test("every point format is read", arguments: 0...10, ["las", "laz"])
    func everyPointFormatIsRead(number: Int, suffix: String) throws {
        let cloud = try scene("format\(number).\(suffix)")
        #expect(cloud.origin == SIMD3(650_002, 6_860_006, 100))
        let shifted = zip(cloud.positions, Fixture.positions).map { position, expected in
            SIMD3<Double>(position) + cloud.origin - SIMD3(650_000, 6_860_000, 100)
                - SIMD3<Double>(expected)
        }
        #expect(shifted.allSatisfy { max($0.max(), -$0.min()) < 0.0006 })
        #expect(cloud.labels == Fixture.labels)
        var channels = ["intensity", "return-number", "return-count"]
        if [2, 3, 5, 7, 8, 10].contains(number) { channels.insert("colour", at: 1) }
        if [8, 10].contains(number) { channels.insert("near-infrared", at: 0) }
        if [3, 8].contains(number) { channels += ["temperature", "warmth", "pair"] }
        #expect(cloud.channels.map(\.name) == channels)
        func expect(_ name: String, _ values: [Float], within tolerance: Float = 1e-4) {
            let read = cloud[channel: name]?.values ?? []
            #expect(read.count == values.count, "\(name)")
            #expect(zip(read, values).allSatisfy { abs($0 - $1) <= tolerance }, "\(name)")
        }
        expect("intensity", Fixture.intensity)
        expect("return-number", (0..<9).map { Float($0 % 5 + 1) })
        expect("return-count", Array(repeating: 5, count: 9))
        if channels.contains("colour") { expect("colour", Fixture.colour) }
        if channels.contains("near-infrared") {
            expect("near-infrared", (0..<9).map { Float($0 * 8191) / 65_535 })
        }
        if channels.contains("pair") {
            expect("temperature", Fixture.temperature)
            expect("warmth", Fixture.temperature)
            expect("pair", (0..<9).flatMap { [Float($0), Float(2 * $0)] })
        }
    }

    @Test("requested fields are read", arguments: [1, 6])
    func requestedFieldsAreRead(number: Int) throws {
        let cloud = try scene(
            "format\(number).laz",
            ["scan-angle", "gps-time", "synthetic"] + (number == 6 ? ["scanner-channel"] : []))
        #expect(cloud[channel: "synthetic"]?.values == (0..<9).map { Float($0 % 2) })
        let angles = (0..<9).map { number == 6 ? Float(6 * ($0 - 4)) : Float($0 - 4) }
        #expect(cloud[channel: "scan-angle"]?.values == angles)
        #expect(cloud[channel: "gps-time"]?.values == Array(repeating: 1e9, count: 9))
    }

    @Test("classes are those of ASPRS unless listed")
    func classesAreThoseOfASPRSUnlessListed() throws {
        try Fixture.copy("las/format6.las", to: "train/a.las", in: folder)
        let source = try open { $0.classes = nil }
        #expect(source.classes[0] == "ground")
        #expect(try source.scene(at: 0).labels.prefix(3) == [-1, -1, 0])
        #expect(source.notes.contains { $0.hasPrefix("intensity is 'intensity' / 65535, as LAS") })
    }

    // MARK: - Invalid files

    @Test(
        "every truncated file is rejected",
        arguments: ["format3.las", "format8.las", "format3.laz", "format8.laz", "format10.laz"])
    func everyTruncatedFileIsRejected(fixture: String) throws {
        try Fixture.copy("las/" + fixture, to: "train/\(fixture)", in: folder)
        let source = try open()
        let hostile = try HostileReading(folder.path + "/train/" + fixture) {
            _ = try source.scene(at: 0)
        }
        try hostile.refusesEveryTruncation()
        try hostile.survivesMutations(500)
    }

    @Test("damaged chunks are rejected or read") func damagedChunksAreRejectedOrRead() throws {
        for name in ["dense3", "dense10"] {
            try Fixture.copy("las/\(name).laz", to: "train/\(name).laz", in: folder)
            let path = folder.path + "/train/\(name).laz"
            let start = try Int(uint32(in: bytes(of: path), at: 96))
            let hostile = try HostileReading(path) { _ = try LASFile(path).pointBytes() }
            try hostile.survivesMutations(60, of: start..<hostile.sound.count)
        }
    }

    /// A header with changed bytes at a position.
    @Test(
        "impossible headers are rejected",
        arguments: [
            (0, [0x58], "is not a LAS or LAZ file, at byte 0"),
            (24, [2], "has LAS version 2.4, at byte 24"),
            (104, [11], "has the unknown point format 11, at byte 104"),
            (105, [29, 0], "declares points of 29 bytes, but format 6 needs 30, at byte 105"),
            (96, [0xFF, 0xFF, 0xFF, 0x7F], "declares points from byte 2147483647 of"),
            (
                247, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F],
                "declares 9223372036854775807"
            ),
            (247, [10, 0], "declares 10 points and ends after 9, at byte 645"),
            (
                131, [0, 0, 0, 0, 0, 0, 0xF0, 0x7F],
                "has scales of zero, or scales or offsets that are not finite"
            ),
            (100, [1, 0, 0, 0], "ends inside its variable-length records, at byte 375"),
        ])
    func impossibleHeadersAreRejected(at: Int, field: [UInt8], reason: String) throws {
        try Fixture.copy("las/format6.las", to: "train/a.las", in: folder)
        var file = try bytes(of: folder.path + "/train/a.las")
        file.replaceSubrange(at..<at + field.count, with: field)
        try folder.write(file, to: "train/a.las")
        let sentence = sentence { _ = try open().scene(at: 0) }
        #expect(sentence.hasPrefix("The file \(folder.path)/train/a.las \(reason)"), "\(sentence)")
    }

    @Test("the error for an unsupported compressor names it")
    func errorForUnsupportedCompressorNamesIt() throws {
        try Fixture.copy("las/format1.laz", to: "train/a.laz", in: folder)
        var file = try bytes(of: folder.path + "/train/a.laz")
        let user = Array("laszip encoded".utf8)
        let record = try #require(file.indices.first { file[$0...].starts(with: user) })
        // The version of the first item: user 16, number 2, length 2, description 32, then 34 + 4.
        file[record + 90] = 1
        try folder.write(file, to: "train/a.laz")
        let sentence = sentence { _ = try open().scene(at: 0) }
        #expect(sentence.contains("has items of version 1 and 2"))
        #expect(sentence.contains("with LASzip (laszip -i) or with laspy and lazrs"))
    }
}

private func uint32(in bytes: [UInt8], at: Int) -> UInt32 {
    (0..<4).reduce(0) { $0 | UInt32(bytes[at + $1]) << UInt32(8 * $1) }
}

/// Airborne tiles, compared with laspy's results.
@Suite struct RealLASTests {
    static let path =
        "/" + #filePath.split(separator: "/").dropLast(5).joined(separator: "/")
        + "/shared/data/ign-lidar-hd"
    static var isThere: Bool { FileManager.default.fileExists(atPath: path + "/train") }

    @Test(
        "a tile of each producer is read",
        .enabled(if: isThere, "no airborne tiles beside the checkout"))
    func tileOfEachProducerIsRead() throws {
        // The numbers of points by classification are laspy's: a tile with extra bytes, one with
        // colours.
        let tiles: [(name: String, points: [Int: Int])] = [
            ("crop_3", [1: 9, 2: 9623, 3: 27_613, 4: 795, 5: 11_871, 65: 322]),
            (
                "test_data_77050_627760_LA93_IGN69",
                [1: 4783, 2: 33_568, 3: 379, 4: 933, 5: 12_154, 6: 4148, 64: 70]
            ),
        ]
        let numbers = [1, 2, 3, 4, 5, 6, 64, 65]
        for tile in tiles {
            var settings = DataSettings(source: "las", path: Self.path)
            settings.sequences.training = ["train/" + tile.name]
            settings.classes = .listed(ClassList(numbers.map { .init("\($0)", from: [$0]) }))
            let source = try SourceCatalogue.open(settings, split: .training)
            let cloud = try source.scene(at: 0)
            var counts: [Int: Int] = [:]
            for label in cloud.labels { counts[numbers[Int(label)], default: 0] += 1 }
            #expect(counts == tile.points)
            #expect(cloud.positions.allSatisfy { abs($0.x) <= 26 && abs($0.y) <= 26 })
            let copy = try TemporaryFolder()
            let path = "\(Self.path)/train/\(tile.name).laz"
            try LASWriter.write(
                classifications: cloud.labels.map { numbers[Int($0)] }, like: path,
                to: copy.path + "/copy.laz")
            #expect(try bytes(of: copy.path + "/copy.laz") == bytes(of: path))
        }
    }

    @Test(
        "all tiles share their channels",
        .enabled(if: isThere, "no airborne tiles beside the checkout"))
    func allTilesShareTheirChannels() throws {
        let classes = ["ground": 2, "low": 3, "medium": 4, "high": 5, "building": 6]
        let list = ClassList(
            classes.sorted { $0.value < $1.value }.map { .init($0.key, from: [$0.value]) },
            ignoresRest: true)
        let settings = DataSettings(
            source: "las", path: Self.path, classes: .listed(list))
        let training = try SourceCatalogue.open(settings, split: .training)
        let validation = try SourceCatalogue.open(settings, split: .validation)
        #expect(training.count == 11 && validation.count == 2)
        #expect(training.channels == validation.channels)
        #expect(
            training.channels.map(\.name) == ["intensity", "return-number", "return-count"])
    }
}
