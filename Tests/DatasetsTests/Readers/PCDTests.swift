import DatasetTesting
import Datasets
import PointClouds
import Testing

@Suite struct PCDTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func open(
        _ change: (inout DataSettings) -> Void = { _ in }
    ) throws -> any SceneSource {
        try Fixture.open("pcd", in: folder, change)
    }

    @Test("files of pypcd are read", arguments: ["ascii", "binary", "binary_compressed"])
    func filesOfPypcdAreRead(name: String) throws {
        try Fixture.copy("pcd/\(name).pcd", to: "train/\(name).pcd", in: folder)
        // That writer's text does not preserve colours in the bits of a Float32 near zero.
        let channels = ["intensity", "normal", "temperature"]
        let source = try open {
            $0.channels = name == "ascii" ? channels : ["colour"] + channels
        }
        #expect(checkSource(source) == [])
        Fixture.expect(
            try source.scene(at: 0), has: name == "ascii" ? channels : ["colour"] + channels)
    }

    @Test("colours and fields of several numbers are read")
    func coloursAndFieldsOfSeveralNumbersAreRead() throws {
        try folder.write(
            Array(
                """
                # .PCD v0.7
                VERSION 0.7
                FIELDS x y z rgba _ histogram class
                SIZE 4 4 4 4 1 4 1
                TYPE F F F U U F I
                COUNT 1 1 1 1 2 3 1
                WIDTH 2
                HEIGHT 1
                VIEWPOINT 0 0 0 1 0 0 0
                POINTS 2
                DATA ascii
                1 2 3 4278255360 0 0 0.5 1 2 1
                1 2 3.5 255 0 0 4 8 16 0

                """.utf8), to: "train/a.pcd")
        let cloud = try open().scene(at: 0)
        #expect(cloud[channel: "colour"]?.values == [0, 1, 0, 0, 0, 1])
        #expect(
            cloud[channel: "histogram"]
                == .init(name: "histogram", width: 3, values: [0.5, 1, 2, 4, 8, 16]))
        #expect(cloud.channels.count == 2)
        #expect(cloud.labels == [1, 0])
    }

    /// A header with a changed line.
    @Test(
        "impossible headers are rejected",
        arguments: [
            ("VERSION 0.7", "# nothing\nVERSJON 0.7", "is not a PCD file, at byte 10"),
            ("WIDTH 9", "WIDTH -9", "has a WIDTH that is not a number"),
            ("WIDTH 9", "WIDTH 9\nWIDTH 9", "has WIDTH twice in its header"),
            ("WIDTH 9", "WIDTH 8", "declares 8 x 1 points and 9 in total"),
            (
                "WIDTH 9\nHEIGHT 1",
                "WIDTH 9000000000000000000\nHEIGHT 9000000000000000000",
                "declares 9000000000000000000"
            ),
            ("POINTS 9", "POINTS 9\nMORE 1", "has an unknown line 'MORE' in its header"),
            ("SIZE 4 4", "SIZE 4 3", "has a field of type F3"),
            ("SIZE 4 4", "SIZE 4", "names 10 fields, but describes another number of fields"),
            ("COUNT 1 1", "COUNT 1 0", "has a field with a COUNT that is not from 1 to 4096"),
            ("COUNT 1 1", "COUNT 1 5000", "has a field with a COUNT that is not from 1 to 4096"),
            ("DATA binary", "DATA zip", "has the unknown encoding 'zip'"),
            (
                "WIDTH 9\nHEIGHT 1\nVIEWPOINT 0.0 0.0 0.0 1.0 0.0 0.0 0.0\nPOINTS 9", "HEIGHT 1",
                "lacks POINTS in its header"
            ),
            (
                "WIDTH 9\nHEIGHT 1\nVIEWPOINT 0.0 0.0 0.0 1.0 0.0 0.0 0.0\nPOINTS 9",
                "WIDTH 90\nHEIGHT 1\nPOINTS 90", "declares 90 points and ends after 9"
            ),
        ])
    func impossibleHeadersAreRejected(old: String, new: String, reason: String) throws {
        var file = try bytes(of: Fixture.folder + "/pcd/binary.pcd")
        let wanted = Array(old.utf8)
        let at = try #require(file.indices.first { file[$0...].starts(with: wanted) })
        file.replaceSubrange(at..<at + wanted.count, with: Array(new.utf8))
        try folder.write(file, to: "train/a.pcd")
        let sentence = sentence { _ = try open().scene(at: 0) }
        #expect(sentence.hasPrefix("The file \(folder.path)/train/a.pcd "))
        #expect(sentence.contains(reason), "\(sentence)")
    }

    @Test("every truncated file is rejected", arguments: ["ascii", "binary", "binary_compressed"])
    func everyTruncatedFileIsRejected(name: String) throws {
        try Fixture.copy("pcd/\(name).pcd", to: "train/\(name).pcd", in: folder)
        let source = try open { $0.channels = ["intensity", "normal", "temperature"] }
        let hostile = try HostileReading("\(folder.path)/train/\(name).pcd") {
            _ = try source.scene(at: 0)
        }
        // A truncated last number of a text cannot be detected.
        var complete: Set<Int> = []
        if name == "ascii" {
            let last = hostile.sound.lastIndex(of: UInt8(ascii: " ")) ?? 0
            complete = Set(last + 1...hostile.sound.count)
        }
        try hostile.refusesEveryTruncation(but: complete)
        try hostile.survivesMutations(600)
    }
}
