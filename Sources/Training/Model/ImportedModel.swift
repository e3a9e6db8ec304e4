import Checkpoints
import Files
import Foundation
import Interchange
import Networks
import Settings
import Tensors
import Yams

/// Model with the weights of a public network, with notes on their origin.
package struct ImportedModel: Sendable {
    /// The model.
    package let model: StoredModel
    /// Whether the names began with `module.`, as those of a distributed run.
    package let wasDistributed: Bool
    /// Settings that neither the weights nor the caller determine, so that defaults were used; nil if a
    /// configuration was given.
    package let assumed: String?

    /// Reads the weights of a Point Transformer V3 or a LitePT and infers its configuration.
    ///
    /// - Parameters:
    ///   - path: a file written by `torch.save`, or safetensors.
    ///   - configuration: a YAML file of the network's settings under the public names, for what
    ///     shapes do not tell: heads, patch sizes, strides, curves.
    ///   - key: the key of the weights in a checkpoint; nil to look under the usual ones.
    ///   - prefix: the prefix of the network's names; nil for none.
    package init(
        _ path: String, configuration file: String? = nil, key: String? = nil,
        prefix: String? = nil
    ) throws {
        let stored = try PublicWeights(path, key: key, prefix: prefix)
        wasDistributed = stored.wasDistributed
        switch PublicNetwork(of: stored.shapes.map(\.name)) {
        case .pointTransformerV3:
            (model, assumed) = try Self.read(PointTransformerV3.self, stored, file, of: path)
        case .litePT: (model, assumed) = try Self.read(LitePT.self, stored, file, of: path)
        }
    }

    private static func read<Made: ConfiguredNetwork>(
        _ type: Made.Type, _ stored: PublicWeights, _ file: String?, of path: String
    ) throws -> (model: StoredModel, assumed: String?)
    where Made.Configuration: InferredConfiguration {
        let inferred = try Made.Configuration(inferredFrom: stored.shapes, of: path)
        let configuration =
            try file.map { try Self.configuration($0, completing: inferred, of: path) } ?? inferred
        if file == nil { try Self.require([], of: inferred, path) }
        let network = try Made(configuration)
        let weights: Weights
        do {
            weights = try network.adopting(try stored.read())
        } catch let error as NetworkError {
            throw ModelError("\(path): \(error)")
        }
        let model = StoredModel(
            path: path, description: try NetworkRecipe(describing: network), network: network,
            weights: weights)
        return (model, file == nil ? Made.Configuration.assumed : nil)
    }

    /// Throws unless the settings that have no usual value for these weights are among those stated.
    private static func require(
        _ stated: [String], of inferred: some InferredConfiguration, _ path: String
    ) throws {
        let missing = inferred.undetermined.filter { !stated.contains($0) }
        guard missing.isEmpty else {
            throw ModelError(
                "The weights in \(path) have channels that the usual width of heads does not divide: "
                    + "give \(missing.joined(separator: " and ")) in the file of --config.")
        }
    }

    /// The settings of a file, completed by those inferred from shapes; where both have a setting, they
    /// must agree.
    private static func configuration<Configuration: InferredConfiguration>(
        _ file: String, completing inferred: Configuration, of path: String
    ) throws -> Configuration {
        let text = try TextFile.read(file, "configuration")
        let root = try SettingsNode(yaml: text, file: file)
        guard var settings = root.node.mapping else {
            throw root.error("this must be a mapping of settings, such as patch_size: 1024.")
        }
        // A preset sets everything except the numbers of inputs and classes, which belong to the data.
        if settings["preset"] == nil {
            try Self.require(settings.keys.compactMap(\.string), of: inferred, path)
        }
        let told = try compose(yaml: YAMLEncoder().encode(inferred))?.mapping ?? Node.Mapping([])
        let fromPreset: Set = ["in_channels", "num_classes"]
        for (key, value) in told {
            let name = key.string ?? ""
            let isSet =
                settings[key] != nil
                || settings["patch_size"] != nil && name.hasSuffix("c_patch_size")
                || settings["preset"] != nil && !fromPreset.contains(name)
            if !isSet { settings[key] = value }
        }
        let given = try SettingsNode(.mapping(settings), path: "", file: file).decode(
            Configuration.self)
        let differences = inferred.differences(from: given, named: file)
        guard differences.isEmpty else {
            throw ModelError(
                "The weights in \(path) are of another network than \(file) describes: "
                    + differences.joined(separator: "; ") + ".")
        }
        return given
    }
}

/// Names, shapes and values of public weights in either file format.
private struct PublicWeights {
    let shapes: [(name: String, shape: [Int])]
    let wasDistributed: Bool
    let read: () throws -> Weights

    init(_ path: String, key: String?, prefix: String?) throws {
        let signature = try? FileSignature(of: path)
        let isNamed = path.hasSuffix(".safetensors") && ![.zip, .pickle].contains(signature)
        if signature == .safetensors || isNamed {
            let file = try SafetensorsFile(path)
            guard key == nil else {
                throw ModelError(
                    "\(path) is a safetensors file, which has no dictionaries: leave out --key.")
            }
            let names = WeightNames(below: prefix)
            let plain = try names.plain(file.entries.map { ($0.name, $0) }, of: path)
            wasDistributed = false
            shapes = plain.map { ($0.name, $0.value.shape) }
            read = {
                Weights(
                    try plain.map { name, entry in
                        var weight = try file.namedTensor(entry.name)
                        weight.name = name
                        return weight
                    })
            }
        } else {
            let file = try PyTorchFile(path, key: key, prefix: prefix)
            wasDistributed = file.wasDistributed
            shapes = file.entries.map { ($0.name, $0.shape) }
            read = { try file.weights() }
        }
    }
}
