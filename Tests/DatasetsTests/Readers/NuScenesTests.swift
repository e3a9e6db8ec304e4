import DatasetTesting
import Datasets
import FoundationEssentials
import PointClouds
import Testing

@Suite struct NuScenesTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try table("category", #"[{"token": "c", "name": "vehicle.car", "index": 17}]"#)
        try table(
            "scene",
            #"""
            [{"token": "s1", "name": "scene-0001", "nbr_samples": 2},
             {"token": "s3", "name": "scene-0003"}, {"token": "s916", "name": "scene-0916"}]
            """#)
        try table(
            "sample",
            #"""
            [{"token": "m2", "timestamp": 20, "scene_token": "s1"},
             {"token": "m1", "timestamp": 1.0e1, "scene_token": "s1"},
             {"token": "m3", "timestamp": 30, "scene_token": "s3"},
             {"token": "m4", "timestamp": 40, "scene_token": "s916"}]
            """#)
        let data = (1...4).map { number in
            """
            {"token": "d\(number)", "sample_token": "m\(number)", "is_key_frame": true,
             "ego_pose": [1.5, {"a": null, "b": ["}"]}], "height": 0,
             "filename": "samples/LIDAR_TOP/\\u0064\(number).pcd.bin"},
            {"token": "x\(number)", "sample_token": "m\(number)", "is_key_frame": true,
             "filename": "samples/CAM_FRONT/\(number).jpg"},
            {"token": "y\(number)", "sample_token": "m\(number)", "is_key_frame": false,
             "filename": "samples/LIDAR_TOP/y\(number).pcd.bin"}
            """
        }
        try table("sample_data", "[" + data.joined(separator: ",") + "]")
        let labels = (1...4).map {
            #"{"sample_data_token": "d\#($0)", "filename": "lidarseg/v1.0/d\#($0)_lidarseg.bin"}"#
        }
        try table("lidarseg", "[" + labels.joined(separator: ", ") + "]\n")
        for number in 1...4 {
            let points: [(Float, Float, Float, Float)] = [(1, 2, -1.5, 51), (-3, 0.5, 2, 255)]
            try folder.write(
                points.enumerated().flatMap {
                    scanBytes([$1]) + wordBytes(Float($0 + number).bitPattern)
                }, to: "samples/LIDAR_TOP/d\(number).pcd.bin")
            try folder.write([17, 0], to: "lidarseg/v1.0/d\(number)_lidarseg.bin")
        }
    }

    private func table(_ name: String, _ text: String) throws {
        try folder.write(Array(text.utf8), to: "v1.0-trainval/\(name).json")
    }

    private func open(
        _ split: Split = .training, _ change: (inout DataSettings) -> Void = { _ in }
    ) throws -> any SceneSource {
        var settings = DataSettings(source: "nuscenes", path: folder.path)
        change(&settings)
        return try SourceCatalogue.open(settings, split: split)
    }

    @Test("key frames are read") func keyFramesAreRead() throws {
        let source = try open()
        #expect(checkSource(source) == [])
        #expect(source.classes.count == 16)
        #expect((0..<source.count).map(source.name(of:)) == ["scene-0001/d1", "scene-0001/d2"])
        let cloud = try source.scene(at: 1)
        #expect(cloud.positions == [SIMD3(1, 2, -1.5), SIMD3(-3, 0.5, 2)])
        #expect(cloud[channel: "intensity"]?.values == [0.2, 1])
        #expect(cloud[channel: "ring"]?.values == [2, 3])
        #expect(cloud.labels == [3, Cloud.ignored])
        #expect(source.classes[3] == "car")
    }

    /// The rules of nuscenes-devkit's `validate_submission`: a file of bytes for every key frame in
    /// `lidarseg/SET`, with a number from 1 to 16 for every point, and a description in
    /// `SET/submission.json`.
    @Test(
        "predictions are a submission to the challenge", arguments: [Split.training, .validation])
    func predictionsAreSubmission(split: Split) throws {
        let source = try open(split)
        let set = split == .training ? "train" : "val"
        #expect((0..<16).map { source.number(of: $0) } == (1...16).map { $0 })
        #expect(source.number(of: Cloud.ignored) == 0 && source.number(of: 16) == nil)
        for index in 0..<source.count {
            let base = folder.path + "/out/" + source.predictionPath(of: index)
            #expect(base.hasPrefix("\(folder.path)/out/lidarseg/\(set)/d"))
            let parent = base.split(separator: "/").dropLast().joined(separator: "/")
            try FileManager.default.createDirectory(
                atPath: "/" + parent, withIntermediateDirectories: true)
            let labels: [Int32] = [0, 15]
            let file = try PredictionFile.write(
                labels.compactMap { source.number(of: $0) }, like: source.file(of: index), to: base)
            let token = source.name(of: index).split(separator: "/")[1]
            #expect(file == "\(folder.path)/out/lidarseg/\(set)/\(token)_lidarseg.bin")
            #expect(try bytes(of: file) == [1, 16])
            let shown = try ShownScan(scene: index, of: source)
            #expect(
                try shown.labels(in: file) == labels, "predictions have the challenge's numbers")
            let truth = folder.path + "/lidarseg/v1.0/\(token)_lidarseg.bin"
            #expect(
                try shown.labels(in: truth) == shown.cloud.labels, "labels have the categories'")
        }
        let text = try #require(source.submissionFiles["\(set)/submission.json"])
        let json = try JSONDecoder().decode([String: [String: Bool]].self, from: Data(text.utf8))
        #expect(
            Set(json["meta"]?.keys.map { $0 } ?? []) == [
                "use_camera", "use_lidar", "use_radar", "use_map", "use_external",
            ])
        #expect(json["meta"]?["use_lidar"] == true)
    }

    @Test("a scan that is shown by itself has both numberings") func namedScanHasBothNumberings()
        throws
    {
        let shown = try ShownScan(folder.path + "/samples/LIDAR_TOP/d1.pcd.bin")
        let predictions = try folder.write([4, 11], to: "p_lidarseg.bin")
        #expect(try shown.labels(in: predictions) == [3, 10])
        #expect(
            try shown.labels(in: folder.path + "/lidarseg/v1.0/d1_lidarseg.bin")
                == [3, Cloud.ignored])
    }

    @Test("splits are the official scenes") func splitsAreOfficialScenes() throws {
        let validation = try open(.validation)
        #expect(
            (0..<validation.count).map(validation.name(of:)) == ["scene-0003/d3", "scene-0916/d4"])
        let named = try open { $0.sequences.training = ["scene-0916"] }
        #expect(named.count == 1)
        #expect(
            sentence { _ = try open { $0.sequences.training = ["scene-9"] } }
                == "\(folder.path)/v1.0-trainval has no key frames of scene-9: look at "
                + "data.sequences.")
        #expect(sentence { _ = try open(.test) }.contains("has no folder v1.0-test: set data.path"))
    }

    @Test("errors name missing tables and labels") func errorsNameMissingTablesAndLabels() throws {
        try table("lidarseg", #"[{"sample_data_token": "d1", "filename": "a"}]"#)
        #expect(
            sentence { _ = try open() }.hasPrefix(
                "The key frame samples/LIDAR_TOP/d2.pcd.bin has no labels in \(folder.path)/v1.0"))
        #expect(try open { $0.options["unlabelled"] = 1 }.scene(at: 1).labels == [])
        try table("category", #"[{"name": "vehicle.car", "index": 1}]"#)
        #expect(
            sentence { _ = try open() }.contains("gives 'vehicle.car' the number 1, which is 17"))
    }

    @Test("errors name damaged files") func errorsNameDamagedFiles() throws {
        let source = try open()
        try folder.write([17], to: "lidarseg/v1.0/d1_lidarseg.bin")
        #expect(
            sentence { _ = try source.scene(at: 0) }
                == "The file \(folder.path)/lidarseg/v1.0/d1_lidarseg.bin has 1 rows and "
                + "\(folder.path)/samples/LIDAR_TOP/d1.pcd.bin has 2: use files of the same scene.")
        try folder.write([17, 40], to: "lidarseg/v1.0/d1_lidarseg.bin")
        #expect(
            sentence { _ = try source.scene(at: 0) }.contains(
                "has labels without a class: 40 (1 points, the first is point 1, at byte 1)"))
        let path = try folder.write([1, 2, 3], to: "samples/LIDAR_TOP/d2.pcd.bin")
        #expect(
            sentence { _ = try source.scene(at: 1) }.hasPrefix(
                "The file \(path) has 3 bytes, which is no whole number of points of 5 numbers"
            ))
    }

    @Test(
        "every truncated table is rejected",
        arguments: ["scene", "sample", "sample_data", "lidarseg", "category"])
    func everyTruncatedTableIsRejected(name: String) throws {
        let hostile = try HostileReading("\(folder.path)/v1.0-trainval/\(name).json") {
            _ = try open()
        }
        let end = hostile.sound.lastIndex(of: UInt8(ascii: "]")) ?? 0
        try hostile.refusesEveryTruncation(but: Set(end + 1...hostile.sound.count))
        try hostile.survivesMutations(200)
    }

    @Test(
        "invalid tables are rejected",
        arguments: [
            (#"[{"token": "a" "b"}]"#, "lacks a '}', at byte 15"),
            (#"[{"token": tru}]"#, "has 'tru' for a value"),
            (#"[{"token": 1}] x"#, "goes on behind its end, at byte 15"),
            ("[" + String(repeating: #"{"a": ["#, count: 40), "is nested too deep"),
            (#"{"token": "a"}"#, "lacks a '[', at byte 0"),
        ])
    func invalidTablesAreRejected(text: String, reason: String) throws {
        try table("scene", text)
        #expect(sentence { _ = try open() }.contains(reason))
    }
}
