package import Checkpoints
import Foundation
public import Networks
public import Tensors

/// A model as one safetensors file: weights, and in its metadata which network they are for and
/// which data.
public struct ModelFile: Sendable {
    /// Where it was found.
    public let path: String
    /// What the network is, as recipes say it.
    public let description: NetworkRecipe
    /// What it knows of its data; nil for a file that does not say.
    public let card: ModelCard?
    /// All texts of its metadata, by their keys.
    public let texts: [String: String]
    /// All tensors of the file in their order.
    public let tensors: Weights

    /// The key under which the metadata describe the network, as JSON.
    public static let networkKey = "denju.network"

    /// Reads a file whole.
    public init(_ path: String) throws {
        let file = try SafetensorsFile(path)
        self.path = path
        description = try Self.network(of: file)
        card = try ModelCard(metadata: file.metadata, path: path)
        texts = file.metadata
        tensors = try file.weights()
    }

    /// What network a file is for, from its header alone.
    package static func network(of file: SafetensorsFile) throws -> NetworkRecipe {
        guard let text = file.metadata[networkKey] else {
            throw InferenceError(
                "\(file.path) does not say which network it is for: its metadata have no "
                    + "'\(networkKey)'; make a model of public weights with 'denju import'.")
        }
        do {
            return try JSONDecoder().decode(NetworkRecipe.self, from: Data(text.utf8))
        } catch {
            throw InferenceError(
                "\(file.path): its metadata's '\(networkKey)' cannot be read: \(error)")
        }
    }

    /// The metadata of a model file.
    public static func metadata(
        _ description: NetworkRecipe, card: ModelCard?
    ) throws -> KeyValuePairs<String, String> {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let text = String(decoding: try encoder.encode(description), as: UTF8.self)
        guard let card else { return ["format": "pt", networkKey: text] }
        return ["format": "pt", networkKey: text, ModelCard.key: try card.json]
    }
}
