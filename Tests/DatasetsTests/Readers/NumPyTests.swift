import DatasetTesting
import Datasets
import Formats
import FoundationEssentials
import PointClouds
import Testing

@Suite struct NumPyTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private var settings: DataSettings {
        DataSettings(source: "folder", path: folder.path, classes: Fixture.classes)
    }

    private func open(
        _ split: Split = .training, _ change: (inout DataSettings) -> Void = { _ in }
    ) throws -> any SceneSource {
        var settings = settings
        change(&settings)
        return try SourceCatalogue.open(settings, split: split)
    }

    private func array(
        _ name: String, _ header: String, _ data: [UInt8] = [], scene: String = "a"
    ) throws {
        let text = Array(header.utf8)
        let size = [UInt8(text.count & 255), UInt8(text.count >> 8)]
        try folder.write(
            [0x93] + Array("NUMPY".utf8) + [1, 0] + size + text + data,
            to: "train/\(scene)/\(name).npy")
    }

    // MARK: - Files of NumPy

    @Test("files of NumPy are read") func filesOfNumPyAreRead() throws {
        try Fixture.copy("numpy/plain", to: "train/plain", in: folder)
        let source = try open()
        #expect(checkSource(source) == [])
        Fixture.expect(
            try source.scene(at: 0), has: ["intensity", "colour", "normal", "temperature"])
        #expect(source.name(of: 0) == "train/plain")
        #expect(
            source.notes.contains(
                "colour is 'color[0]', 'color[1]' and 'color[2]' / 255: they are bytes"))
        #expect(
            source.notes.contains {
                $0.hasPrefix("intensity is 'strength': the largest value in \(folder.path)")
            })
        let asked = try open { $0.channels = ["instance", "colour"] }
        #expect(try asked.scene(at: 0)[channel: "instance"]?.values == (0..<9).map(Float.init))
    }

    @Test("every byte order and type is read") func everyByteOrderAndTypeIsRead() throws {
        try Fixture.copy("numpy/other", to: "train/other", in: folder)
        let source = try open()
        #expect(checkSource(source) == [])
        let cloud = try source.scene(at: 0)
        Fixture.expect(
            cloud, has: ["intensity", "colour", "normal", "temperature", "pair"])
        let pairs: [Float] = (0..<9).flatMap { [Float($0), Float(2 * $0)] }
        #expect(cloud[channel: "pair"] == .init(name: "pair", width: 2, values: pairs))
    }

    @Test("archives are read", arguments: ["stored", "packed"])
    func archivesAreRead(name: String) throws {
        try Fixture.copy("numpy/\(name).npz", to: "train/\(name).npz", in: folder)
        let source = try open()
        #expect(checkSource(source) == [])
        Fixture.expect(
            try source.scene(at: 0), has: ["intensity", "colour", "normal", "temperature"])
    }

    // MARK: - Channels and labels

    @Test("channels are those that all scenes have")
    func channelsAreThoseThatAllScenesHave() throws {
        try Fixture.copy("numpy/plain", to: "train/a", in: folder)
        try Fixture.copy("numpy/plain", to: "val/b", in: folder)
        try FileManager.default.removeItem(atPath: folder.path + "/val/b/normal.npy")
        #expect(try open(.training).channels == open(.validation).channels)
        #expect(try !open().channels.contains { $0.name == "normal" })
        let sentence = sentence { _ = try open { $0.channels = ["normal"] } }
        #expect(
            sentence.hasPrefix("data.channels names 'normal', which \(folder.path)/train/a does"))
    }

    @Test("a recipe can name fields") func recipeCanNameFields() throws {
        try Fixture.copy("numpy/plain", to: "train/a", in: folder)
        let source = try open {
            $0.fields = ["warmth": ["temperature"], "intensity": ["instance"]]
            $0.options["intensity-range"] = 8
            $0.channels = ["warmth", "intensity"]
        }
        let cloud = try source.scene(at: 0)
        #expect(cloud[channel: "warmth"]?.values == Fixture.temperature)
        #expect(cloud[channel: "intensity"]?.values == Fixture.intensity)
        #expect(source.notes.contains("warmth is 'temperature'"))
        #expect(source.notes.contains("intensity is divided by 8, as data.options says"))
        #expect(
            sentence { _ = try open { $0.fields = ["label": ["klass"]] } }.hasPrefix(
                "data.fields takes label from 'klass', which"))
    }

    @Test("training requires labels") func trainingRequiresLabels() throws {
        try Fixture.copy("numpy/plain", to: "train/a", in: folder)
        try Fixture.copy("numpy/plain", to: "test/b", in: folder)
        for split in ["train/a", "test/b"] {
            try FileManager.default.removeItem(atPath: "\(folder.path)/\(split)/segment.npy")
        }
        #expect(
            sentence { _ = try open() }.hasPrefix(
                "\(folder.path)/train/a has no labels by a name that is known"))
        #expect(try open { $0.options["unlabelled"] = 1 }.scene(at: 0).labels == [])
        #expect(try open(.test).scene(at: 0).labels == [])
    }

    @Test("errors name unlisted numbers") func errorsNameUnlistedNumbers() throws {
        try Fixture.copy("numpy/plain", to: "train/a", in: folder)
        let two = try open {
            $0.classes = .listed(ClassList([.init("a", from: [0]), .init("b", from: [1])]))
        }
        #expect(
            sentence { _ = try two.scene(at: 0) }
                == "The file \(folder.path)/train/a/segment.npy has labels without a class: 2 "
                + "(3 points, the first is point 2, at byte 132); list or ignore them under "
                + "data.classes.")
        #expect(
            sentence { _ = try open { $0.classes = nil } }.hasPrefix(
                "The source 'folder' does not know your classes: list them under data.classes"))
    }

    @Test("the error for a value beyond the full scale names it")
    func errorForValueBeyondFullScaleNamesIt() throws {
        try Fixture.copy("numpy/plain", to: "train/a", in: folder)
        try Fixture.copy("numpy/plain", to: "train/b", in: folder)
        let path = folder.path + "/train/b/strength.npy"
        var strength = try bytes(of: path)
        strength.replaceSubrange(strength.count - 4..<strength.count, with: wordBytes(0x4000_0000))
        try folder.write(strength, to: "train/b/strength.npy")
        let source = try open()
        _ = try source.scene(at: 0)
        #expect(
            sentence { _ = try source.scene(at: 1) }
                == "The file \(path) has 2 as the 'strength' of point 8, at byte 160: intensity "
                + "was assumed to be between 0 and 1, so set data.options.intensity-range to NUMBER."
        )
        let told = try open { $0.options["intensity-range"] = 2 }
        #expect(try told.scene(at: 1)[channel: "intensity"]?.values.last == 1)
        #expect(try told.scene(at: 0)[channel: "intensity"]?.values.last == 0.5)
    }

    // MARK: - Invalid files

    @Test("errors name arrays of other lengths") func errorsNameArraysOfOtherLengths() throws {
        try Fixture.copy("numpy/plain", to: "train/a", in: folder)
        let header = "{'descr': '<i2', 'fortran_order': False, 'shape': (2,), }"
        try array("strength", header, [0, 0, 1, 0])
        #expect(
            sentence { _ = try open().scene(at: 0) }
                == "The file \(folder.path)/train/a/strength.npy has 2 rows and "
                + "\(folder.path)/train/a/color.npy has 9: use files of the same scene.")
        // An array of an unknown name describes something else, unless the recipe reads it.
        try Fixture.copy("numpy/plain", to: "train/b", in: folder)
        try FileManager.default.removeItem(atPath: folder.path + "/train/a")
        try array("spare", header, [0, 0, 1, 0], scene: "b")
        #expect(try open().scene(at: 0).channels.map(\.name).contains("spare") == false)
        #expect(
            sentence { _ = try open { $0.channels = ["spare"] }.scene(at: 0) }
                .contains("spare.npy has 2 rows"))
    }

    /// Names, matrices, boxes, objects and dates, with which scenes are saved.
    @Test("arrays that do not describe points are left out", arguments: ["folder", "archive"])
    func arraysThatDoNotDescribePointsAreLeftOut(layout: String) throws {
        let source = try open(.training) {
            $0.path = Fixture.folder + "/cases/foreign-arrays"
            $0.sequences.training = [layout == "folder" ? "arrays" : "archive.npz"]
        }
        #expect(checkSource(source) == [])
        Fixture.expect(
            try source.scene(at: 0), has: ["intensity", "colour", "normal", "temperature"])
        let sentence = sentence {
            _ = try open(.training) {
                $0.path = Fixture.folder + "/cases/foreign-arrays"
                $0.sequences.training = [layout == "folder" ? "arrays" : "archive.npz"]
                $0.channels = ["name"]
            }
        }
        #expect(sentence.contains("has items of type '<U9'"), "\(sentence)")
    }

    @Test("an array with the room's name does not prevent reading")
    func arrayWithRoomsNameDoesNotPreventReading() throws {
        let source = try open(.training) {
            $0.path = Fixture.folder + "/cases"
            $0.sequences.training = ["name-inside.npz"]
            $0.options["unlabelled"] = 1
        }
        #expect(try source.scene(at: 0).count > 1000)
    }

    @Test("members of a structure that are no numbers are left out")
    func membersThatAreNoNumbersAreLeftOut() throws {
        let header =
            "{'descr': [('x', '<f4'), ('id', '<U2'), ('y', '<f4'), ('when', '<M8[ns]'), "
            + "('z', '<f4'), ('segment', '|u1'), ('rest', '|S3', (2,))], "
            + "'fortran_order': False, 'shape': (1,), }"
        let numbers = [1, 2, 3].map { wordBytes(Float($0).bitPattern) }
        let item =
            numbers[0] + [UInt8](repeating: 9, count: 8) + numbers[1]
            + [UInt8](repeating: 9, count: 8) + numbers[2] + [2] + [UInt8](repeating: 9, count: 6)
        try FileManager.default.createDirectory(
            atPath: folder.path + "/train", withIntermediateDirectories: true)
        try array("table", header, item)
        let source = try open {
            $0.sequences.training = ["train/a/table.npy"]
            $0.fields["label"] = ["segment"]
        }
        let cloud = try source.scene(at: 0)
        #expect(cloud.positions == [SIMD3(1, 2, 3)])
        #expect(cloud.labels == [2])
        #expect(cloud.channels.isEmpty)
    }

    @Test("hostile headers are rejected quickly", arguments: ["members", "keys"])
    func hostileHeadersAreRejectedQuickly(kind: String) throws {
        try FileManager.default.createDirectory(
            atPath: folder.path + "/train/a", withIntermediateDirectories: true)
        let many =
            kind == "members"
            ? "{'descr': ["
                + (0..<40_000).map { "('a\($0)', '<f4', (4096,))" }.joined(separator: ",")
                + "], 'fortran_order': False, 'shape': (1,)}"
            : "{" + (0..<90_000).map { "'a\($0)':1" }.joined(separator: ",") + "}"
        let text = Array(many.utf8)
        let size = wordBytes(UInt32(text.count))
        try folder.write(
            [0x93] + Array("NUMPY".utf8) + [2, 0] + size + text, to: "train/a/coord.npy")
        let clock = ContinuousClock()
        let time = clock.measure {
            let sentence = sentence { _ = try open { $0.options["unlabelled"] = 1 } }
            #expect(
                sentence.contains("items of more than 4096 numbers")
                    || sentence.contains("lacks the type") || sentence.contains("declares a header")
            )
        }
        #expect(time < .seconds(90), "the time is linear in the header's length")
    }

    @Test("executable contents are rejected") func executableContentsAreRejected() throws {
        try Fixture.copy("numpy/plain", to: "train/a", in: folder)
        try FileManager.default.removeItem(atPath: folder.path + "/train/a/color.npy")
        try Fixture.copy("numpy/objects.npy", to: "train/a/color.npy", in: folder)
        #expect(
            sentence { _ = try open() }.contains(
                "train/a/color.npy has Python objects, which are never loaded, at byte 0"))
    }

    @Test(
        "impossible headers are rejected",
        arguments: [
            (
                "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 3), }",
                "declares"
            ),
            (
                "{'descr': '<f4', 'fortran_order': True, 'shape': (4611686018427387904, 3), }",
                "declares"
            ),
            ("{'descr': '<f4', 'fortran_order': False, 'shape': (-1, 3), }", "invalid length"),
            ("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2, 2), }", "3 dimensions"),
            ("{'descr': '<f4', 'fortran_order': False, 'shape': (), }", "0 dimensions"),
            ("{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }", "type '<c8'"),
            ("{'descr': ((((((((((('f4')))))))))), }", "nested too deeply"),
            ("{'descr': exec('x')}", "NumPy does not write"),
            ("{'descr': '<f4', 'descr': '<f8'}", "twice"),
        ])
    func impossibleHeadersAreRejected(header: String, reason: String) throws {
        try array("coord", header)
        let sentence = sentence { _ = try open { $0.options["unlabelled"] = 1 }.scene(at: 0) }
        #expect(sentence.contains("\(folder.path)/train/a/coord.npy") && sentence.contains(reason))
    }

    @Test("every truncated array is rejected") func everyTruncatedArrayIsRejected() throws {
        try Fixture.copy("numpy/plain", to: "train/a", in: folder)
        let source = try open()
        let hostile = try HostileReading(folder.path + "/train/a/coord.npy") {
            _ = try source.scene(at: 0)
        }
        try hostile.refusesEveryTruncation()
        try hostile.survivesMutations(400)
    }

    @Test("every truncated archive is rejected", arguments: ["stored", "packed"])
    func everyTruncatedArchiveIsRejected(name: String) throws {
        try Fixture.copy("numpy/\(name).npz", to: "train/a.npz", in: folder)
        let source = try open()
        let hostile = try HostileReading(folder.path + "/train/a.npz") {
            _ = try source.scene(at: 0)
        }
        try hostile.refusesEveryTruncation()
        try hostile.survivesMutations(600)
    }

    @Test("archives that declare too many bytes are rejected")
    func archivesThatDeclareTooManyBytesAreRejected() throws {
        try Fixture.copy("numpy/packed.npz", to: "train/a.npz", in: folder)
        let path = folder.path + "/train/a.npz"
        var archive = try bytes(of: path)
        // The uncompressed size in the first entry of the directory.
        let mark = Array("PK\u{1}\u{2}".utf8)
        let entry = try #require(archive.indices.first { archive[$0...].starts(with: mark) })
        archive.replaceSubrange(entry + 24..<entry + 28, with: wordBytes(0x7FFF_FFFF))
        try folder.write(archive, to: "train/a.npz")
        #expect(sentence { _ = try open() }.contains("declares 2147483647 bytes in 'coord.npy'"))
    }
}
