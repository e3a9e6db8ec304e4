import DatasetTesting
import Datasets
import Formats
import PointClouds
import Testing

@Suite struct PLYTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func open(
        _ change: (inout DataSettings) -> Void = { _ in }
    ) throws -> any SceneSource {
        try Fixture.open("ply", in: folder, change)
    }

    private func ownNames(_ settings: inout DataSettings) {
        settings.fields = [
            "x": ["east"], "y": ["north"], "z": ["up"], "label": ["klass"],
            "intensity": ["echo"], "warmth": ["heat"],
        ]
        settings.options["intensity-range"] = 4000
        settings.classes = .listed(
            ClassList(["a", "b", "c"].enumerated().map { .init($1, from: [$0 + 10]) }))
    }

    private func write(_ text: String) throws {
        try folder.write(Array(text.utf8), to: "train/a.ply")
    }

    @Test("files of plyfile are read", arguments: ["text", "little", "big"])
    func filesOfPlyfileAreRead(name: String) throws {
        try Fixture.copy("ply/\(name).ply", to: "train/\(name).ply", in: folder)
        let source = try open()
        #expect(checkSource(source) == [])
        Fixture.expect(
            try source.scene(at: 0), has: ["intensity", "colour", "normal", "temperature"])
        #expect(source.notes.contains("labels are 'label'"))
        #expect(source.notes.contains("normal is 'nx', 'ny' and 'nz'"))
        #expect(source.notes.contains { $0.hasPrefix("intensity is 'scalar_Intensity': the lar") })
    }

    @Test("a recipe can name properties", arguments: ["text", "little", "big"])
    func recipeCanNameProperties(name: String) throws {
        try Fixture.copy("ply/\(name)-own.ply", to: "train/\(name).ply", in: folder)
        #expect(
            sentence { _ = try open { $0.options["unlabelled"] = 1 } }
                == "The file \(folder.path)/train/\(name).ply has no coordinates under a known name: "
                + "name them under data.fields (x, y, z) among 'east', 'north', 'up', 'klass', "
                + "'echo' and 'heat'.")
        let source = try open(ownNames)
        #expect(checkSource(source) == [])
        let cloud = try source.scene(at: 0)
        Fixture.expect(cloud, has: ["intensity", "warmth"])
        #expect(cloud[channel: "warmth"]?.values == Fixture.temperature.map { $0 * 4 })
    }

    @Test("centred coordinates stay exact") func centredCoordinatesStayExact() throws {
        try write(
            """
            ply
            format ascii 1.0
            element vertex 2
            property double x
            property double y
            property double z
            property uchar label
            end_header
            651234.004 6861234.25 120.5 1
            651238.008 6861235.75 121 2

            """)
        #expect(
            sentence { _ = try open().scene(at: 0) }
                == "The file \(folder.path)/train/a.ply has 651234.004 as the 'x' of point 0, in "
                + "line 9: Float32 loses millimetres so far from zero, set data.options.centre to "
                + "true for positions relative to the middle of each scene.")
        let source = try open { $0.options["centre"] = 1 }
        let cloud = try source.scene(at: 0)
        #expect(cloud.origin == SIMD3(651_236, 6_861_235, 120))
        #expect(cloud.positions == [SIMD3(-1.996, -0.75, 0.5), SIMD3(2.008, 0.75, 1)])
        #expect(checkSource(source) == [])
    }

    @Test(
        "impossible files are rejected",
        arguments: [
            ("plx\n", "is not a PLY file, at byte 0"),
            ("ply\nformat ascii 2.0\n", "has the unknown PLY format 'ascii 2.0', at byte 4"),
            (
                "ply\nformat ascii 1.0\nelement vertex -1\n",
                "without a name and a number, at byte 21"
            ),
            (
                "ply\nformat ascii 1.0\nproperty float x\n",
                "has a property before its first element"
            ),
            (
                "ply\nformat ascii 1.0\nelement vertex 1\nproperty quad x\n",
                "declares a property as 'quad x', at byte 38"
            ),
            (
                "ply\nformat ascii 1.0\nelement vertex 1\nproperty int x\nproperty int x\n",
                "declares the property 'x' twice, at byte 53"
            ),
            (
                "ply\nformat ascii 1.0\nelement face 1\nend_header\n",
                "has no element 'vertex', but 'f"
            ),
            (
                "ply\nformat ascii 1.0\nelement vertex 1\nproperty list uchar int x\nend_header\n",
                "has lists 'x' in its points"
            ),
            ("ply\nelement vertex 1\nend_header\n", "lacks its format, at byte 21"),
            ("ply\nformat ascii 1.0\nwhatever\n", "has an unknown line 'whatever' in its header"),
            (
                "ply\nformat binary_little_endian 1.0\nelement vertex 9000000000000000000\n"
                    + "property float x\nproperty float y\nproperty float z\nend_header\n",
                "declares 9000000000000000000 of 'vertex' and ends after 0, at byte 133"
            ),
            (
                "ply\nformat ascii 1.0\nelement vertex 9000000000000000000\n"
                    + "property float x\nproperty float y\nproperty float z\nend_header\n",
                "declares 9000000000000000000 of 'vertex' in 0 bytes"
            ),
            (
                "ply\nformat ascii 1.0\nelement vertex 1\n"
                    + "property float x\nproperty float y\nproperty uchar z\nend_header\n1 2 3 4\n",
                "has 4 numbers in line 8, where 3 are expected, at byte 100"
            ),
            (
                "ply\nformat ascii 1.0\nelement vertex 1\n"
                    + "property float x\nproperty float y\nproperty uchar z\nend_header\n1 2 256\n",
                "has 256 as the 'z' in line 8, which is not of type uint8"
            ),
        ])
    func impossibleFilesAreRejected(text: String, reason: String) throws {
        try write(text)
        let sentence = sentence {
            _ = try open { $0.options["unlabelled"] = 1 }.scene(at: 0)
        }
        #expect(sentence.hasPrefix("The file \(folder.path)/train/a.ply "))
        #expect(sentence.contains(reason), "\(sentence)")
    }

    @Test(
        "every truncated file is rejected",
        arguments: ["text", "little", "big", "text-own", "little-own", "big-own"])
    func everyTruncatedFileIsRejected(name: String) throws {
        try Fixture.copy("ply/\(name).ply", to: "train/\(name).ply", in: folder)
        let source = try open { if name.hasSuffix("own") { ownNames(&$0) } }
        let hostile = try HostileReading("\(folder.path)/train/\(name).ply") {
            _ = try source.scene(at: 0)
        }
        // A truncated last number of a text cannot be detected.
        var complete: Set<Int> = []
        if name.hasPrefix("text") {
            let last = hostile.sound.lastIndex(of: UInt8(ascii: " ")) ?? 0
            complete = Set((name == "text" ? last - 6 : last + 1)...hostile.sound.count)
        }
        try hostile.refusesEveryTruncation(but: complete)
        try hostile.survivesMutations(400)
    }
}
