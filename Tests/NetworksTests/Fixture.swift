import Checkpoints
import Foundation
import Networks
import PointClouds
import Tensors

/// One folder of parity fixtures: a network's weights and the results of the public PyTorch
/// implementation.
struct Fixture {
    let folder: URL
    let network: PointTransformerV3
    let weights: Weights
    /// The number of values that the public implementation trains.
    let parameters: Int
    /// The runs by name, `cloud0.train` or `batch.eval`.
    let runs: [Run]

    struct Run {
        let name: String
        let loss: Double
        let zeroGradients: Set<String>
        var isTraining: Bool { name.hasSuffix(".train") }
        var input: String { name.split(separator: ".").first.map(String.init) ?? name }
    }

    private struct Notes: Decodable {
        let params: Int
        let runs: [String: RunNotes]
        struct RunNotes: Decodable {
            let loss: Double
            let zeroGradients: [String]
            enum CodingKeys: String, CodingKey {
                case loss
                case zeroGradients = "zero_gradients"
            }
        }
    }

    init(_ folder: URL) throws {
        self.folder = folder
        let notes = try Data(contentsOf: folder.appendingPathComponent("notes.json"))
        // The configuration is the network's own, but for the grid's size, which is the data's.
        let fields = try JSONSerialization.jsonObject(with: notes) as? [String: Any]
        var configured = fields?["config"] as? [String: Any] ?? [:]
        configured["grid"] = nil
        network = try PointTransformerV3(
            JSONDecoder().decode(
                PointTransformerV3.Configuration.self,
                from: JSONSerialization.data(withJSONObject: configured)
            ).withoutChance)
        weights = try network.adopting(
            SafetensorsFile(folder.appendingPathComponent("weights.safetensors").path).weights())
        let read = try JSONDecoder().decode(Notes.self, from: notes)
        parameters = read.params
        runs = read.runs
            .map {
                Run(name: $0.key, loss: $0.value.loss, zeroGradients: Set($0.value.zeroGradients))
            }
            .sorted { $0.name < $1.name }
    }

    func file(_ name: String) throws -> SafetensorsFile {
        try SafetensorsFile(folder.appendingPathComponent(name + ".safetensors").path)
    }

    func has(_ name: String) -> Bool {
        FileManager.default.fileExists(
            atPath: folder.appendingPathComponent(name + ".safetensors").path)
    }

    /// The scene of a run and the label of each point.
    func scene(of run: Run) throws -> (scene: Scene, labels: [Int]) {
        let input = try file(run.input + ".input")
        let numbers = try input.int32s("grid_coord")
        let cells = stride(from: 0, to: numbers.count, by: 3).map {
            SIMD3(numbers[$0], numbers[$0 + 1], numbers[$0 + 2])
        }
        var begin = 0
        let clouds = try input.integers("offset", as: Int.self).map { end in
            defer { begin = end }
            return Array(cells[begin..<end])
        }
        return (
            Scene(
                features: try input.tensor("feat"),
                hierarchy: try network.geometry.hierarchy(gridCoordinates: clouds)),
            try input.integers("segment", as: Int.self)
        )
    }

    /// The folders that are committed, and those that DENJU_PTV3_FIXTURES names.
    static var folders: [URL] {
        let committed = ["ptv3-single", "ptv3-batch"].compactMap {
            Bundle.module.resourceURL?.appendingPathComponent("Fixtures/\($0)")
        }
        let named = ProcessInfo.processInfo.environment["DENJU_PTV3_FIXTURES"] ?? ""
        return committed
            + named.split(separator: ":").map { URL(fileURLWithPath: String($0)) }
    }
}

extension PointTransformerV3.Configuration {
    /// The same without drop path and without shuffled curves, as the fixtures were made.
    var withoutChance: Self {
        var copy = self
        copy.dropPath = 0
        copy.shufflesOrders = false
        return copy
    }
}
