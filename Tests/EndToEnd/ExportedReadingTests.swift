import Foundation
import Testing

/// A run and its export label the files of every source identically.
@Suite struct ExportedReadingTests {
    private let folder: Folder

    init() throws { folder = try Folder() }

    /// The `data` section of a source, a scan to label, and the files of the source.
    enum Source: String, CaseIterable {
        case plyFields, plyChannels, pcd, las, folder, bin, semantickitti, nuscenes, s3dis, scannet
    }

    @Test("labels of a run and its export are identical", arguments: Source.allCases)
    func labelsAreIdentical(source: Source) throws {
        let (data, scan, features) = try write(source)
        try folder.write(
            TinyRecipe(steps: 2, batch: 2, data: data).yaml
                .replacing("[position, intensity]", with: features), to: "recipe.yaml")
        try folder.train("recipe.yaml", "run", "--workers", "1")
        let exported = try Denju.run(
            ["export", "run", "--output", "m.safetensors"], in: folder)
        #expect(exported.status == 0, "\(exported.errors)")
        for (model, output) in [("run", "a"), ("m.safetensors", "b")] {
            let outcome = try Denju.run(
                ["predict", model, "--output", output, "--probabilities", "--coloured", scan],
                in: folder)
            #expect(outcome.status == 0, "\(model): \(outcome.errors)")
        }
        let names = try folder.names(in: "a")
        #expect(names.count >= 2)
        #expect(try folder.names(in: "b") == names)
        for name in names {
            #expect(try folder.bytes("a/\(name)") == folder.bytes("b/\(name)"), "\(name)")
        }
        // The scan of the split, read by its source, has the same probabilities.
        let whole = try Denju.run(
            ["predict", "run", "--output", "c", "--probabilities"], in: folder)
        #expect(whole.status == 0, "\(whole.errors)")
        let probabilities = try #require(names.first { $0.hasSuffix(".probabilities.npy") })
        let all = try FileManager.default.subpathsOfDirectory(atPath: folder("c"))
            .filter { $0.hasSuffix(".probabilities.npy") }.sorted()
        #expect(
            try folder.bytes("c/" + #require(all.first)) == folder.bytes("a/" + probabilities))
    }

    @Test("an export reads the field that its run reads") func exportKeepsFields() throws {
        try Case.copy("export-forgets-fields", to: "data", in: folder)
        let recipe = TinyRecipe(
            steps: 3, batch: 1,
            data: """
                  source: ply
                  path: data
                  classes: [{ground: 0}, {wall: 1}, {pole: 2}]
                  fields: {intensity: refl, label: label}
                """)
        try folder.write(recipe.yaml, to: "recipe.yaml")
        try folder.train("recipe.yaml", "run", "--workers", "1")
        _ = try Denju.run(["export", "run", "--output", "m.safetensors"], in: folder)
        for (model, output) in [("run", "a"), ("m.safetensors", "b")] {
            let outcome = try Denju.run(
                ["predict", model, "--output", output, "--probabilities", "data/val/b.ply"],
                in: folder)
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.errors.contains("intensity is 'refl'"), "\(outcome.errors)")
        }
        for name in ["b.ply", "b.probabilities.npy"] {
            #expect(try folder.bytes("a/\(name)") == folder.bytes("b/\(name)"))
        }
        let inspected = try Denju.run(["inspect", "m.safetensors"], in: folder)
        #expect(inspected.output.contains(#""fields":{"intensity":["refl"]"#))
        // A file without that field is refused by both, with advice that applies to the command.
        try folder.write(PointFile().ply(), to: "other.ply")
        for model in ["run", "m.safetensors"] {
            expectLastSentence(
                try Denju.run(["predict", model, "--output", "c", "other.ply"], in: folder),
                saying: ["which", "other.ply does not have", "--field intensity=NAME"])
        }
        let named = try Denju.run(
            [
                "predict", "m.safetensors", "--output", "c", "--field", "intensity=intensity",
                "other.ply",
            ], in: folder)
        #expect(named.status == 0, "\(named.errors)")
    }

    @Test("a run labels named scans and is exported without its data")
    func runIsUsedWithoutItsData() throws {
        let (data, scan, _) = try write(.plyFields)
        try folder.write(TinyRecipe(steps: 2, batch: 2, data: data).yaml, to: "recipe.yaml")
        try folder.train("recipe.yaml", "run", "--workers", "1")
        try folder.copy(scan, to: "scan.ply")
        func outputs(_ name: String) throws -> [UInt8] {
            let outcome = try Denju.run(
                ["predict", "run", "--output", name, "--probabilities", "scan.ply"], in: folder)
            #expect(outcome.status == 0, "\(outcome.errors)")
            return try folder.bytes("\(name)/scan.probabilities.npy")
        }
        let before = try outputs("a")
        try folder.remove("data")
        #expect(try outputs("b") == before)
        let exported = try Denju.run(["export", "run", "--output", "m.safetensors"], in: folder)
        #expect(exported.status == 0, "\(exported.errors)")
        expectLastSentence(
            try Denju.run(["predict", "run", "--output", "c"], in: folder),
            saying: ["There is no folder data"])
    }

    // MARK: - Files

    private func write(
        _ source: Source
    ) throws -> (data: String, scan: String, features: String) {
        let (one, other) = (PointFile(), PointFile(turn: 1))
        let usual = "[position, intensity]"
        let classes = "\n  classes: [floor, wall]"
        switch source {
        case .plyFields:
            try folder.write(one.ply(value: "refl", scale: 90), to: "data/train/a.ply")
            try folder.write(other.ply(value: "refl", scale: 30), to: "data/val/b.ply")
            return (
                "  source: ply\n  path: data\(classes)\n  fields: {intensity: refl}\n"
                    + "  options: {centre: true}", "data/val/b.ply", usual
            )
        case .plyChannels:
            try folder.write(one.ply(more: " 3"), to: "data/train/a.ply")
            try folder.write(other.ply(more: " nan"), to: "data/val/b.ply")
            return (
                "  source: ply\n  path: data\(classes)\n  channels: [intensity]",
                "data/val/b.ply", usual
            )
        case .pcd:
            try folder.write(one.pcd(value: "power"), to: "data/train/a.pcd")
            try folder.write(other.pcd(value: "power"), to: "data/val/b.pcd")
            return (
                "  source: pcd\n  path: data\(classes)", "data/val/b.pcd", "[position, power]"
            )
        case .las:
            for split in ["train", "val"] {
                let scan = try Data(contentsOf: URL(filePath: Case.path("extra-nan.las")))
                try folder.write(Array(scan), to: "data/\(split)/a.las")
            }
            return (
                "  source: las\n  path: data\n  classes: [{some: [1, 2]}, {ignored: rest}]\n"
                    + "  channels: [intensity]\n  options: {intensity-range: 4095}",
                "data/val/a.las", usual
            )
        case .folder:
            for (split, file) in [("train", one), ("val", other)] {
                try arrays(file, in: "data/\(split)/room", label: "segment")
            }
            return (
                "  source: folder\n  path: data\(classes)\n  fields: {intensity: power}",
                "data/val/room", usual
            )
        case .bin:
            try folder.write(one.bin(scale: 200, more: [1, 2]), to: "data/train/a.bin")
            try folder.write(other.bin(scale: 200, more: [1, 2]), to: "data/val/b.bin")
            return (
                "  source: bin\n  path: data\(classes)\n  options: {columns: 6}\n"
                    + "  fields: {label: \"column[4]\"}",
                "data/val/b.bin", usual
            )
        case .semantickitti:
            try Scans.write(training: 1, validation: 1, to: "data", in: folder)
            return (
                "  source: semantickitti\n  path: data",
                "data/sequences/08/velodyne/000000.bin", usual
            )
        case .nuscenes:
            try nuScenes([("scene-0001", one), ("scene-0003", other)])
            return (
                "  source: nuscenes\n  path: data", "data/samples/LIDAR_TOP/d1.pcd.bin",
                "[position, intensity, ring]"
            )
        case .s3dis:
            for (area, file) in [("Area_1", one), ("Area_5", other)] {
                try arrays(file, in: "data/\(area)/office_1", label: "segment")
            }
            return (
                "  source: s3dis\n  path: data\n  channels: [power]", "data/Area_5/office_1",
                "[position, power]"
            )
        case .scannet:
            for (split, file) in [("train", one), ("val", other)] {
                try arrays(file, in: "data/\(split)/scene0000_00", label: "segment20")
            }
            return (
                "  source: scannet\n  path: data\n  channels: [power]",
                "data/val/scene0000_00", "[position, power]"
            )
        }
    }

    private func arrays(_ file: PointFile, in path: String, label: String) throws {
        try folder.write(
            PointFile.npy(file.points.map { [$0.x, $0.y, $0.z] }), to: path + "/coord.npy")
        try folder.write(PointFile.npy(file.points.map { [$0.value] }), to: path + "/power.npy")
        try folder.write(
            PointFile.npy(file.points.map { [Float($0.label)] }), to: path + "/\(label).npy")
    }

    private func nuScenes(_ scenes: [(name: String, file: PointFile)]) throws {
        func table(_ name: String, _ rows: [String]) throws {
            try folder.write(
                "[" + rows.joined(separator: ",") + "]", to: "data/v1.0-trainval/\(name).json")
        }
        try table("category", [#"{"token": "c", "name": "vehicle.car", "index": 17}"#])
        try table(
            "scene", scenes.indices.map { #"{"token": "s\#($0)", "name": "\#(scenes[$0].name)"}"# })
        try table(
            "sample",
            scenes.indices.map {
                #"{"token": "m\#($0)", "timestamp": \#($0), "scene_token": "s\#($0)"}"#
            })
        try table(
            "sample_data",
            scenes.indices.map {
                #"{"token": "d\#($0)", "sample_token": "m\#($0)", "is_key_frame": true, "#
                    + #""filename": "samples/LIDAR_TOP/d\#($0).pcd.bin"}"#
            })
        try table(
            "lidarseg",
            scenes.indices.map {
                #"{"sample_data_token": "d\#($0)", "filename": "lidarseg/d\#($0)_lidarseg.bin"}"#
            })
        for (index, scene) in scenes.enumerated() {
            try folder.write(
                scene.file.bin(scale: 250, more: [3]),
                to: "data/samples/LIDAR_TOP/d\(index).pcd.bin")
            try folder.write(
                scene.file.points.map { $0.label == 0 ? 24 : 17 },
                to: "data/lidarseg/d\(index)_lidarseg.bin")
        }
    }
}
