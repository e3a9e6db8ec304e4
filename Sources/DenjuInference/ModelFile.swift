package import Checkpoints
import FoundationEssentials
public import Networks
public import Tensors

/// A model in one safetensors file: weights, and in the metadata the network and its data.
public struct ModelFile: Sendable {
    /// The file's path.
    public let path: String
    /// The network and its settings, as in a recipe.
    public let description: NetworkRecipe
    /// The data that the model expects; nil if the file does not describe them.
    public let card: ModelCard?
    /// The texts of the metadata by their keys.
    public let texts: [String: String]
    /// The tensors of the file, in order.
    public let tensors: Weights

    /// The key of the network's description (JSON) in the metadata.
    public static let networkKey = "denju.network"

    /// Reads a file.
    ///
    /// Throws an error that names the file if it is damaged or does not describe its network.
    public init(_ path: String) throws { try self.init(SafetensorsFile(path)) }

    /// Reads the bytes of a file; `name` is its name in errors.
    public init(bytes: [UInt8], name: String) throws {
        try self.init(SafetensorsFile(bytes: bytes, name: name))
    }

    private init(_ file: SafetensorsFile) throws {
        path = file.path
        description = try Self.network(of: file)
        card = try ModelCard(metadata: file.metadata, path: path)
        texts = file.metadata
        tensors = try file.weights()
    }

    /// The network that a file describes; only the header is read.
    package static func network(of file: SafetensorsFile) throws -> NetworkRecipe {
        guard let text = file.metadata[networkKey] else {
            throw InferenceError(
                "\(file.path) does not describe its network: its metadata have no "
                    + "'\(networkKey)'; make a model of public weights with 'denju import'.")
        }
        do {
            return try JSONDecoder().decode(NetworkRecipe.self, from: Data(text.utf8))
        } catch {
            throw InferenceError(
                "\(file.path): its metadata's '\(networkKey)' cannot be read: \(reason(of: error))."
            )
        }
    }

    /// The metadata of a model file.
    public static func metadata(
        _ description: NetworkRecipe, card: ModelCard?
    ) throws -> KeyValuePairs<String, String> {
        let encoder = JSONEncoder()
        // JSON objects have no order: unsorted keys would give equal models other bytes.
        encoder.outputFormatting = [.sortedKeys]
        let text = String(decoding: try encoder.encode(description), as: UTF8.self)
        guard let card else { return ["format": "pt", networkKey: text] }
        return ["format": "pt", networkKey: text, ModelCard.key: try card.json]
    }
}
