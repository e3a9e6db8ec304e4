import DatasetTesting
import Datasets
import Formats
import PointClouds
import Testing

/// Data sets in Pointcept's layout, with the folders and types of their files.
@Suite struct ArrayDataSetTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func open(
        _ source: String, _ split: Split = .training,
        _ change: (inout DataSettings) -> Void = { _ in }
    ) throws -> any SceneSource {
        var settings = DataSettings(source: source, path: folder.path)
        change(&settings)
        return try SourceCatalogue.open(settings, split: split)
    }

    private func writeRoom(_ scene: String, _ labels: [String: SavedArray] = [:]) throws {
        try folder.write(scene: scene, SavedArray.room.merging(labels) { $1 })
    }

    @Test("rooms of ScanNet200 are read") func roomsOfScanNet200AreRead() throws {
        try writeRoom(
            "train/scene0000_00",
            [
                "segment20": .int64([0, 1, -1], [3]), "segment200": .int64([199, 14, -1], [3]),
                "instance": .int64([1, 2, -1], [3]),
            ])
        try writeRoom("test/scene0707_00")
        let source = try open("scannet200")
        #expect(checkSource(source) == [])
        #expect(source.classes.count == 200 && source.classes[199] == "mattress")
        #expect(source.channels.map(\.name) == ["colour", "normal"])
        #expect(try source.scene(at: 0).labels == [199, 14, Cloud.ignored])
        for name in ["scannet", "scannet200"] {
            #expect(try open(name, .test).scene(at: 0).labels == [])
        }
    }

    @Test(
        "rooms of int16 labels are read",
        arguments: [
            ("structured3d", "scene_00000/room_485142", 25, "other prop"),
            ("matterport3d", "17DRP5sb8fy_region0", 21, "ceiling"),
            ("hm3d", "00006-HkseAnWCgqk_12", 40, "misc"),
        ])
    func roomsOfInt16LabelsAreRead(
        name: String, scene: String, classes: Int, last: String
    ) throws {
        let labels = SavedArray.int16([0, Int16(classes - 1), -1], [3])
        try writeRoom("train/\(scene)", ["segment": labels])
        let source = try open(name)
        #expect(checkSource(source) == [])
        #expect(source.classes.count == classes && source.classes.last == last)
        #expect(source.name(of: 0) == "train/\(scene)")
        #expect(source.channels.map(\.name) == ["colour", "normal"])
        let cloud = try source.scene(at: 0)
        #expect(cloud.labels == [0, Int32(classes - 1), Cloud.ignored])
        #expect(cloud[channel: "colour"]?.values.prefix(3) == [1, 0, 0.2])
        #expect(
            sentence { _ = try open(name, .validation) }.contains(
                "no 'val', 'validation' or 'valid' for the validation split"))
    }

    @Test("rooms of HM3D without labels are left out unless they are wanted")
    func roomsOfHM3DWithoutLabelsAreLeftOut() throws {
        try writeRoom("train/a_0", ["segment": .int16([0, 39, -1], [3])])
        try writeRoom("train/b_0")
        #expect(try open("hm3d").count == 1)
        #expect(try open("hm3d") { $0.options["unlabelled"] = 1 }.count == 2)
        try writeRoom("val/c_0")
        #expect(
            sentence { _ = try open("hm3d", .validation) }
                == "The validation split has no folders with a coord.npy and segment.npy in "
                + "\(folder.path): look at data.path and data.sequences.")
    }

    @Test("rooms of ARKitScenes are read from capitalised folders in Float64")
    func roomsOfARKitScenesAreRead() throws {
        for scene in ["Training/40753679", "Validation/41048190"] {
            try folder.write(
                scene: scene,
                [
                    "coord": .float64([0, 0, 0, 1, 0, 0, 0, 2, 1], [3, 3]),
                    // A dark room, whose colours could pass for values from 0 to 1.
                    "color": .float64([1, 0, 0, 0, 1, 0, 0, 0, 1], [3, 3]),
                    "normal": .float64([0, 0, 1, 0, 1, 0, 1, 0, 0], [3, 3]),
                ])
        }
        let classes = ClassSetting.named("scannet")
        for split in [Split.training, .validation] {
            let source = try open("arkitscenes", split) { $0.classes = classes }
            #expect(checkSource(source) == [])
            #expect(source.channels.map(\.name) == ["colour", "normal"])
            #expect(try source.scene(at: 0)[channel: "colour"]?.values[0] == 1 / 255)
            #expect(try source.scene(at: 0).labels == [])
        }
        #expect(
            sentence { _ = try open("arkitscenes") }.hasPrefix(
                "The source 'arkitscenes' does not know your classes: list them"))
    }

    @Test("scans of Waymo are read beside masks of Python objects")
    func scansOfWaymoAreRead() throws {
        func scan(_ name: String, _ more: [String: SavedArray]) throws {
            let arrays: [String: SavedArray] = [
                "coord": SavedArray.coord, "strength": .float32([0, 0.5, 0.75], [3, 1]),
                "pose": .float32([Float](repeating: 1, count: 16), [4, 4]),
            ]
            try folder.write(scene: name, arrays.merging(more) { $1 })
        }
        let labels = ["segment": SavedArray.int32([21, 0, -1], [3])]
        try scan("training/segment-1/15", labels)
        try scan("validation/segment-2/16", labels.merging(["mask": .objects()]) { $1 })
        try scan("testing/segment-3/17", ["mask": .objects()])
        for split in Split.allCases {
            let source = try open("waymo", split)
            #expect(checkSource(source) == [])
            #expect(source.classes.count == 22 && source.classes[21] == "sidewalk")
            #expect(source.channels.map(\.name) == ["intensity"])
            let cloud = try source.scene(at: 0)
            #expect(cloud[channel: "intensity"]?.values == [0, 0.5, 0.75])
            #expect(cloud.labels == (split == .test ? [] : [21, 0, Cloud.ignored]))
            #expect(cloud.origin == .zero)
        }
        #expect(
            sentence { _ = try open("waymo", .validation) { $0.channels = ["mask"] } }
                .contains("mask.npy has Python objects, which are never loaded"))
    }
}
