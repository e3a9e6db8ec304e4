import Checkpoints
import DenjuInference
import Files
import Foundation
package import Interchange
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
    /// configuration was given or stored with the weights.
    package let assumed: String?

    /// Reads the weights of a Point Transformer V3 or a LitePT and infers its configuration.
    ///
    /// - Parameters:
    ///   - path: a file written by `torch.save`, or safetensors.
    ///   - configuration: a YAML file of the network's settings under the public names, for what
    ///     shapes do not tell: heads, patch sizes, strides, curves.
    ///   - key: the key of the weights in a checkpoint; nil to look under the usual ones.
    ///   - prefix: the prefix of the network's names; nil for none.
    ///   - dataSet: the data set to keep of a network of several, and their orders.
    ///   - head: the file of the head, for an encoder without one.
    ///   - alpha: the numerator of the factor of low-rank adapters.
    package init(
        _ path: String, configuration file: String? = nil, key: String? = nil,
        prefix: String? = nil,
        dataSet: (kept: String?, of: PromptFold.DataSets) = (nil, PromptFold.DataSets()),
        head: String? = nil, alpha: Float = 16
    ) throws {
        let stored = try PublicWeights(
            path, key: key, prefix: prefix, dataSet: dataSet, head: head, alpha: alpha)
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
        let stated = try StatedSettings(file: file, stored: stored.configuration, of: path)
        let network = try Made(try stated.configuration(completing: inferred))
        let weights: Weights
        do {
            let (own, frequencies) = try stored.read()
            if let point = network as? PointTransformerV3, let frequencies {
                try point.checkRotations(frequencies, of: path)
            }
            weights = try network.adopting(own)
        } catch let error as NetworkError {
            throw ModelError("\(path): \(error)")
        }
        let model = StoredModel(
            path: path, description: try NetworkRecipe(describing: network), network: network,
            weights: weights)
        return (model, stated.isEmpty ? Made.Configuration.assumed : nil)
    }
}

extension PointTransformerV3 {
    /// Throws unless the base of the rotations gives the frequencies that a file holds.
    fileprivate func checkRotations(_ stored: Tensor, of path: String) throws {
        let pairs = stored.count
        let own = RotaryAngles.frequencies(base: configuration.rotaryBase, pairs: pairs)
        guard
            zip(stored.values, own).allSatisfy({ (Double($0) / $1 - 1).magnitude < 1e-4 })
        else {
            let base = pairs > 1 ? pow(Double(stored.values[1]), -Double(pairs)).rounded() : 1
            throw ModelError(
                "The rotary positions in \(path) have another base than \(configuration.rotaryBase): "
                    + "give rope_base: \(base) in the file of --config.")
        }
    }
}

/// Names, shapes and values of public weights in either file format, by the network's own names.
private struct PublicWeights {
    let shapes: [(name: String, shape: [Int])]
    let wasDistributed: Bool
    /// The network's settings where the file has them, in YAML.
    let configuration: String?
    /// Reads the weights, and the frequencies of rotary positions if the file has them.
    let read: () throws -> (weights: Weights, frequencies: Tensor?)

    private static let head = "seg_head."

    init(
        _ path: String, key: String?, prefix: String?,
        dataSet: (kept: String?, of: PromptFold.DataSets), head: String?, alpha: Float
    ) throws {
        let file = try FileOfWeights(path, key: key, prefix: prefix)
        let layout = PublicLayout(of: file.shapes.map(\.name))
        let plain = file.shapes.compactMap { name, shape in
            layout.name(name).flatMap(LowRankAdapters.merged).map { (name: $0, shape: shape) }
        }
        let fold = try PromptFold(
            of: plain.map(\.name), keeping: dataSet.kept, dataSet.of, path: path)
        let own = plain.compactMap { name, shape in
            fold.map { $0.folded(name, shape) } ?? (name, shape)
        }
        let headFile = try head.map { try FileOfWeights($0, key: nil, prefix: nil) }
        let ofHead = headFile?.shapes.filter { $0.name.hasPrefix(Self.head) } ?? []
        if let head, ofHead.isEmpty {
            throw ModelError("\(head) has no \(Self.head)weight: give the file of a linear head.")
        }
        if let head, own.contains(where: { $0.name.hasPrefix(Self.head) }) {
            throw ModelError("\(path) has a head of its own: leave out --head \(head).")
        }
        shapes = own + ofHead
        let hasHead = shapes.contains { $0.name.contains("head") || $0.name.contains("class_emb") }
        if !hasHead, shapes.contains(where: { $0.name.hasPrefix("backbone.enc.") }) {
            throw ModelError(
                "\(path) holds an encoder without a head: give the file of its linear head with "
                    + "--head.")
        }
        wasDistributed = file.wasDistributed
        configuration = file.configuration
        read = {
            let weights = try file.read().compactMap { weight in
                layout.name(weight.name).map { name in
                    var weight = weight
                    weight.name = name
                    return weight
                }
            }
            var merged = try LowRankAdapters(alpha: alpha, path: path).merge(Weights(weights))
            if let fold { merged = try fold.fold(merged) }
            let ofHead = try headFile?.read().filter { $0.name.hasPrefix(Self.head) } ?? []
            return (
                Weights(merged.filter { !PublicLayout.isConstant($0.name) } + ofHead),
                merged.first { PublicLayout.isConstant($0.name) }?.tensor
            )
        }
    }
}

/// The weights of one file by plain names.
private struct FileOfWeights {
    let shapes: [(name: String, shape: [Int])]
    let wasDistributed: Bool
    /// The network's settings where the file has them, in YAML.
    let configuration: String?
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
            configuration = file.metadata[ModelFile.networkKey]
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
            configuration = try file.settings.map { try yaml($0) }
            shapes = file.entries.map { ($0.name, $0.shape) }
            read = { try file.weights() }
        }
    }
}
