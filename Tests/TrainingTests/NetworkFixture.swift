import Checkpoints
import Foundation
import Interchange
import Networks
import PointClouds
import Tensors
import Training

/// One folder of a public network: its checkpoint as published, and what the public code computes.
///
/// `notes.json` holds the configuration; for each cloud there are an input, outputs in evaluation, and
/// for the first the activations, and outputs and gradients of training.
struct NetworkFixture {
    let folder: URL
    let model: StoredModel
    /// The largest difference of scores and features: smaller for a folded network, which computes the
    /// same sums as the unfolded one.
    let tolerance: Double

    init(_ folder: URL) throws {
        self.folder = folder
        let encoder = folder.appending(path: "backbone.pth").path
        guard !FileManager.default.fileExists(atPath: encoder) else {
            // Published encoders hold their configuration, and have heads of their own.
            tolerance = 1e-4
            model = try ImportedModel(encoder, head: folder.appending(path: "head.pth").path).model
            return
        }
        let notes = try JSONSerialization.jsonObject(
            with: Data(contentsOf: folder.appending(path: "notes.json")))
        let fields = notes as? [String: Any] ?? [:]
        // Networks of several data sets state none; theirs have heads of eight channels.
        func heads(_ key: String) -> [Int] { (fields[key] as? [Int] ?? []).map { $0 / 8 } }
        let config =
            fields["config"] as? [String: Any] ?? [
                "patch_size": fields["patch"] ?? 48, "depth_measure": "cellsPerSide",
                "enc_num_head": heads("enc_channels"), "dec_num_head": heads("dec_channels"),
            ]
        let settings = FileManager.default.temporaryDirectory.appending(
            path: "denju-\(UUID().uuidString).yaml")
        defer { try? FileManager.default.removeItem(at: settings) }
        // JSON is YAML.
        try JSONSerialization.data(withJSONObject: config).write(to: settings)
        tolerance = fields["condition"] is String ? 1e-5 : 1e-4
        model = try ImportedModel(
            folder.appending(path: "checkpoint.pth").path, configuration: settings.path,
            dataSet: (fields["condition"] as? String, PromptFold.DataSets())
        ).model
    }

    func file(_ name: String) throws -> SafetensorsFile {
        try SafetensorsFile(folder.appending(path: name + ".safetensors").path)
    }

    func has(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: folder.appending(path: name + ".safetensors").path)
    }

    /// The clouds of the folder.
    var clouds: [String] { (0..<3).map { "cloud\($0)" }.filter { has($0 + ".input") } }

    /// The scene of a cloud and the label of each point.
    func scene(of cloud: String) throws -> (scene: Scene, labels: [Int]) {
        let input = try file(cloud + ".input")
        let numbers = try input.int32s("grid_coord")
        let coordinates = try input.tensor("coord").values
        let cells = stride(from: 0, to: numbers.count, by: 3).map {
            SIMD3(numbers[$0], numbers[$0 + 1], numbers[$0 + 2])
        }
        return (
            Scene(
                features: try input.tensor("feat"),
                hierarchy: try model.network.geometry.hierarchy(gridCoordinates: [cells]),
                positions: stride(from: 0, to: 3 * cells.count, by: 3).map {
                    SIMD3(coordinates[$0], coordinates[$0 + 1], coordinates[$0 + 2])
                }),
            try input.integers("segment", as: Int.self)
        )
    }

    /// The committed folders, those beside the checkout, and those that DENJU_NETWORK_FIXTURES names.
    static var folders: [URL] {
        let committed = Bundle.module.resourceURL.map { [$0.appending(path: "Fixtures/litept")] }
        let package = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let shared = [
            "litept", "litept-decoder-blocks", "sonata-decoder", "sonata-encoder-linear",
            "utonia-decoder", "utonia-encoder-linear", "ppt-adaptive", "ppt-decoupled-head",
            "ppt-language-head",
        ].map {
            package.appending(path: "../shared/fixtures/networks/" + $0).standardizedFileURL
        }
        let named = ProcessInfo.processInfo.environment["DENJU_NETWORK_FIXTURES"] ?? ""
        return (committed ?? [])
            + shared.filter { FileManager.default.fileExists(atPath: $0.path) }
            + named.split(separator: ":").map { URL(filePath: String($0)) }
    }
}

extension PointHierarchy {
    /// The rows of a stage sorted by coordinate, as public networks number pooled voxels.
    func rowsByCoordinate(ofStage stage: Int) -> [Int] {
        let cells = stages[stage].gridCoordinates
        return cells.indices.sorted {
            (cells[$0].x, cells[$0].y, cells[$0].z) < (cells[$1].x, cells[$1].y, cells[$1].z)
        }
    }
}
