import Checkpoints
package import DenjuInference
package import Distillation
import Foundation
package import Networks
package import PointClouds
package import Tensors

/// Network with its weights, read from a run's folder, one of its checkpoints, or a safetensors file with
/// a description of the network.
package struct StoredModel: Sendable {
    /// The path that it was read from.
    package let path: String
    /// The description of the network, as in recipes.
    package let description: NetworkRecipe
    /// The network.
    package let network: any Network
    /// The weights, in the order of the network's specifications: the moving average if one was kept.
    package let weights: Weights
    /// The parameters of the objectives it was trained with: projectors, auxiliary heads.
    ///
    /// Needed to continue training; never exported.
    package let own: Weights
    /// The auxiliary heads among these parameters; nil if there are none.
    package let heads: StoredHeads?
    /// The recipe it was trained with; nil for a file that has none.
    package let recipe: Recipe?
    /// The number of steps it was trained for; nil for a file that does not state it.
    package let step: Int?
    /// The card of its data, if a file has one: grid, features, classes.
    package var card: ModelCard?
    /// The card that a run's folder has of its data; nil for a file.
    ///
    /// Apart from ``card``, which is sent to workers with a teacher and identifies its knowledge packs.
    package let runCard: ModelCard?
    /// The mapping of its classes to those of the data; nil if they are the same.
    ///
    /// Sent to workers with the model, and hence part of the digest that identifies its knowledge packs.
    package internal(set) var mapping: ClassMapping?
    /// The features that it reads, in order, with their scales; nil if unknown.
    package var features: [Feature]? { recipe?.studentFeatures.features ?? card?.features }
    /// Warnings about damaged checkpoints that were skipped.
    package let warnings: [String]

    /// Reads a model.
    ///
    /// - Parameter path: a run's folder (its best checkpoint, else its newest intact one), a folder of
    ///   checkpoints, one checkpoint, or a `.safetensors` file.
    package init(_ path: String) throws {
        let location = try ModelLocation(path)
        switch location.kind {
        case .file: try self.init(file: path)
        case .checkpoint, .checkpoints: try self.init(location)
        }
    }

    /// A network with weights that were not trained by a run.
    init(path: String, description: NetworkRecipe, network: any Network, weights: Weights) {
        self.path = path
        self.description = description
        self.network = network
        self.weights = weights
        own = Weights()
        heads = nil
        recipe = nil
        runCard = nil
        step = nil
        warnings = []
    }

    /// An untrained network.
    ///
    /// - Parameters:
    ///   - description: the description of the network.
    ///   - seed: the seed of its weights.
    ///   - path: the path that it will be written to.
    package init(untrained description: NetworkRecipe, seed: UInt64, path: String) throws {
        let network = try description.build()
        self.init(
            path: path, description: description, network: network,
            weights: network.initialWeights(seed: seed))
    }

    private init(_ location: ModelLocation) throws {
        let loaded = try location.bestCheckpoint()
        let recipe = try Recipe(
            yaml: loaded.checkpoint.state.recipe, file: "the recipe of \(location.path)")
        self.path = location.path
        description = try recipe.student.network(classes: nil, inputs: nil)
        network = try description.build()
        let stored = loaded.checkpoint
        // The average is what validation measured, so it is the model.
        weights = try Self.weights(
            stored.extras[CheckpointGroups.average] ?? stored.model, of: network, location.path)
        own =
            stored.extras[CheckpointGroups.averageOfOwn]
            ?? stored.extras[CheckpointGroups.own] ?? Weights()
        heads = try StoredHeads(of: network, among: own)
        self.recipe = recipe
        runCard = location.runCard
        step = loaded.checkpoint.state.step
        warnings = loaded.warnings
    }

    private init(file: String) throws {
        let stored = try ModelFile(file)
        description = stored.description
        path = file
        network = try description.build()
        own = Weights(stored.tensors.filter { $0.name.hasPrefix(StoredHeads.prefix) })
        heads = try StoredHeads(of: network, among: own)
        weights = try Self.weights(
            Weights(stored.tensors.filter { !$0.name.hasPrefix(StoredHeads.prefix) }),
            of: network, file)
        recipe = nil
        runCard = nil
        step = nil
        warnings = []
        card = stored.card
        mapping = try Self.mapping(stored.texts, of: file)
    }

    /// A network's own weights among the tensors of a path, which an error names.
    private static func weights(
        _ tensors: Weights, of network: any Network, _ path: String
    ) throws -> Weights {
        do {
            return try network.adopting(tensors)
        } catch {
            throw ModelError("\(path): \(error)")
        }
    }

    /// The mapping of classes in a file's metadata.
    static func mapping(_ texts: [String: String], of file: String) throws -> ClassMapping? {
        try texts[mappingKey].map {
            do { return try JSONDecoder().decode(ClassMapping.self, from: Data($0.utf8)) } catch {
                throw ModelError("\(file): its metadata's '\(mappingKey)' cannot be read.")
            }
        }
    }

    /// The network and the auxiliary heads of a safetensors file, from its header alone.
    package static func contents(
        of file: String
    ) throws -> (network: NetworkRecipe, heads: StoredHeads.Places?) {
        let file = try SafetensorsFile(file)
        return (
            try ModelFile.network(of: file),
            StoredHeads.places(file.entries.map { ($0.name, $0.shape) })
        )
    }

    /// The bytes of the model as one safetensors file.
    ///
    /// - Parameter withHeads: whether auxiliary heads are included, as for workers that evaluate this
    ///   teacher; exported models have none.
    package func safetensors(withHeads: Bool = false) throws -> [UInt8] {
        var texts = try ModelFile.metadata(description, card: card).map { (key: $0, value: $1) }
        if let mapping { texts.append((Self.mappingKey, try Self.json(mapping))) }
        return SafetensorsWriter.bytes(
            of: Array(weights) + (withHeads ? Array(heads?.weights ?? Weights()) : []),
            texts: texts)
    }

    /// The key of a teacher's class mapping in the metadata, as JSON.
    private static let mappingKey = "denju.teacher-classes"

    private static func json(_ mapping: ClassMapping) throws -> String {
        String(decoding: try JSONEncoder().encode(mapping), as: UTF8.self)
    }

    /// Writes the model as one safetensors file, durably and atomically, without heads.
    package func write(to path: String) throws {
        try SafetensorsWriter.write(
            weights, to: path, metadata: ModelFile.metadata(description, card: card))
    }

    /// The network of its teacher; nil if it had none, or if that is no longer found.
    package var teacher: (any Network)? {
        guard let settings = recipe?.teacher else { return nil }
        // The teacher's folder may have been moved or removed since; reports do without it then.
        if let path = settings.model, let model = try? StoredModel(path) { return model.network }
        guard let pack = settings.pack, let found = try? PackDescription.read(pack) else {
            return nil
        }
        return try? found.network.build()
    }

    /// The taps, heads and geometry for objectives.
    package var side: NetworkPair.Side { .init(network, auxiliary: heads?.heads) }

    /// The model as a frozen teacher.
    ///
    /// Throws one sentence if this processor does not support the precision.
    package func teacher(precision: ProductPrecision = .float32) throws -> Teacher {
        try Teacher(
            network: network, weights: weights, precision: precision, heads: heads,
            mapping: mapping)
    }
}

/// Model that cannot be used: one sentence with the reason and the remedy.
package struct ModelError: Error, CustomStringConvertible, Equatable {
    /// The sentence.
    package let description: String
    /// The sentence as given.
    package init(_ description: String) { self.description = description }
}
