import DatasetTesting
import DenjuInference
import Foundation
import Networks
import PointClouds
import Training

/// Valid files that commands accept, in an empty folder: a model, scans, labels, recipes.
struct CommandCorpus {
    /// A command with the name of the file that is damaged for it.
    struct Trial {
        /// The arguments; `FILE` stands for the damaged file.
        let arguments: [String]
        /// The valid file.
        let file: String
        /// A file that must not exist if the command fails, and must be usable if it succeeds.
        var output: String?
    }

    let folder: String

    /// The model's file.
    static let model = "model.safetensors"

    /// Writes the files.
    ///
    /// - Parameters:
    ///   - scans: the folder of valid scans of all formats.
    ///   - checkpoint: a file of `torch.save` with a public network.
    init(in folder: String, scans: String, checkpoint: String) throws {
        self.folder = folder
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Self.writeModel(to: folder + "/" + Self.model)
        try Self.rows(4, 40).write(to: URL(filePath: folder + "/scan.bin"))
        try Self.rows(5, 40).write(to: URL(filePath: folder + "/sweep.pcd.bin"))
        let labels = (0..<40).flatMap { index -> [UInt8] in [UInt8(index % 3), 0, 0, 0] }
        try Data(labels).write(to: URL(filePath: folder + "/scan.label"))
        try Data(Self.recipe.utf8).write(to: URL(filePath: folder + "/recipe.yaml"))
        try Data("- ground: 0\n- tree: [1, 3]\n- wall: 2\n- ignored: rest\n".utf8)
            .write(to: URL(filePath: folder + "/classes.yaml"))
        for (name, copy) in Self.copies {
            try FileManager.default.copyItem(
                atPath: scans + "/" + name, toPath: folder + "/" + copy)
        }
        try FileManager.default.copyItem(atPath: checkpoint, toPath: folder + "/public.pth")
        for split in ["train", "val"] {
            let data = folder + "/data/" + split
            try FileManager.default.createDirectory(
                atPath: data, withIntermediateDirectories: true)
            try FileManager.default.copyItem(
                atPath: folder + "/scan.ply", toPath: data + "/\(split).ply")
        }
    }

    private static let copies = [
        ("ply/big.ply", "scan.ply"), ("pcd/ascii.pcd", "scan.pcd"), ("las/format7.laz", "scan.laz"),
        ("las/format0.las", "scan.las"), ("numpy/plain/coord.npy", "scan.npy"),
    ]

    private static let recipe = """
        seed: 1
        data: {source: ply, path: data, classes: classes.yaml, options: {unlabelled: true}}
        grid: 0.2
        points: 100
        features: [position]
        student: {preset: tiny-student, drop_path: 0}
        objectives: [task.cross-entropy]
        batch: 2
        steps: 2

        """

    private static func writeModel(to path: String) throws {
        let settings = """
            {"in_channels": 3, "num_classes": 3, "stride": [2], "enc_depths": [1, 1],
             "enc_channels": [8, 16], "enc_num_head": [1, 2], "dec_depths": [1],
             "dec_channels": [8], "dec_num_head": [1], "patch_size": 32, "order": ["z"]}
            """
        var model = try StoredModel(
            untrained: JSONDecoder().decode(NetworkRecipe.self, from: Data(settings.utf8)), seed: 1,
            path: path)
        model.card = ModelCard(
            grid: 0.2, features: ["position"],
            classes: [
                .init("ground", number: 0), .init("tree", number: 1), .init("wall", number: 2),
            ],
            source: "bin")
        try model.write(to: path)
    }

    private static func rows(_ columns: Int, _ points: Int) -> Data {
        let values = (0..<columns * points).map { index in
            (Float(index % columns) / 8 + Float(index / columns) / 16).bitPattern
        }
        return Data(
            values.flatMap { bits in
                (0..<4).map { UInt8(truncatingIfNeeded: bits >> UInt32(8 * $0)) }
            })
    }

    /// The commands by the kind of file that they are given.
    static let trials: [Trial] =
        ["scan.bin", "sweep.pcd.bin", "scan.ply", "scan.pcd", "scan.las", "scan.laz", "scan.npy"]
        .flatMap { scan in
            [
                Trial(
                    arguments: ["predict", model, "--output", "out", "FILE"], file: scan,
                    output: "out"),
                Trial(
                    arguments: [
                        "predict", model, "--output", "out", "--keep-going", "--option",
                        "drop-invalid=1", "FILE", "scan.bin",
                    ], file: scan),
                Trial(
                    arguments: ["render", "FILE", "--output", "a.png", "--size", "64x64"],
                    file: scan),
                Trial(arguments: ["profile", model, "FILE", "--passes", "1"], file: scan),
            ]
        }
        + [
            Trial(
                arguments: ["predict", "FILE", "--output", "out", "scan.bin"], file: model,
                output: "out"),
            Trial(
                arguments: ["export", "FILE", "--output", "new.safetensors"], file: model,
                output: "new.safetensors"),
            Trial(arguments: ["verify", "FILE"], file: model),
            Trial(arguments: ["inspect", "FILE"], file: model),
            Trial(
                arguments: ["import", "FILE", "--output", "new.safetensors"], file: "public.pth",
                output: "new.safetensors"),
            Trial(
                arguments: ["import", "FILE", "--output", "new.safetensors"], file: model,
                output: "new.safetensors"),
            Trial(arguments: ["data", "check", "FILE"], file: "recipe.yaml"),
            Trial(
                arguments: ["data", "check", "data", "--data", "ply", "--classes", "FILE"],
                file: "classes.yaml"),
            Trial(
                arguments: [
                    "render", "scan.bin", "--labels", "FILE", "--output", "a.png", "--size",
                    "64x64",
                ],
                file: "scan.label"),
            Trial(
                arguments: [
                    "evaluate", model, "--recipe", "FILE", "--summary",
                ], file: "recipe.yaml"),
        ]
}
