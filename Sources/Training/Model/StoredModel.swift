import Checkpoints
package import DenjuInference
package import Distillation
import Foundation
package import Networks
package import PointClouds
package import Tensors

/// A network with its weights, as it lies on disk: a run's folder, one of its checkpoints, or a
/// safetensors file that says what network it is for.
package struct StoredModel: Sendable {
    /// Where it was found.
    package let path: String
    /// What the network is, as recipes say it.
    package let description: NetworkRecipe
    /// The network.
    package let network: any Network
    /// Its weights, in the order of its specifications: the moving average where one was kept.
    package let weights: Weights
    /// What the objectives it was trained with had of their own: projectors, auxiliary heads.
    ///
    /// Of use to whoever goes on training, and never part of the model.
    package let own: Weights
    /// The auxiliary heads among those; nil for a model without.
    package let heads: StoredHeads?
    /// The recipe it was trained with; nil for a file that does not say.
    package let recipe: Recipe?
    /// Steps it was trained for; nil for a file that does not say.
    package let step: Int?
    /// What it knows of its data, where a file says so: grid, features, classes.
    package var card: ModelCard?
    /// How its classes become those of the data it teaches on; nil where they are the same.
    ///
    /// Travels with it to workers, and so is part of what knowledge packs know it by.
    package internal(set) var mapping: ClassMapping?
    /// What it reads of a point, in order, each on its scale; nil where nothing says so.
    package var features: [Feature]? { recipe?.studentFeatures.features ?? card?.features }
    /// Sentences to be printed loudly: damaged checkpoints that were passed over.
    package let warnings: [String]

    /// Reads a model.
    ///
    /// - Parameter path: a run's folder (its best checkpoint, else its newest good one), a folder
    ///   of checkpoints, one checkpoint, or a `.safetensors` file.
    package init(_ path: String) throws {
        let location = try ModelLocation(path)
        switch location.kind {
        case .file: try self.init(file: path)
        case .checkpoint, .checkpoints: try self.init(location)
        }
    }

    /// A network with weights that were not learnt here.
    init(path: String, description: NetworkRecipe, network: any Network, weights: Weights) {
        self.path = path
        self.description = description
        self.network = network
        self.weights = weights
        own = Weights()
        heads = nil
        recipe = nil
        step = nil
        warnings = []
    }

    /// A network as it is before it has learnt anything.
    ///
    /// - Parameters:
    ///   - description: what the network is.
    ///   - seed: what its weights are drawn from.
    ///   - path: where it will stand.
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
        weights = try network.adopting(
            stored.extras[CheckpointGroups.average] ?? stored.model)
        own =
            stored.extras[CheckpointGroups.averageOfOwn]
            ?? stored.extras[CheckpointGroups.own] ?? Weights()
        heads = try StoredHeads(of: network, among: own)
        self.recipe = recipe
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
        weights = try network.adopting(
            Weights(stored.tensors.filter { !$0.name.hasPrefix(StoredHeads.prefix) }))
        recipe = nil
        step = nil
        warnings = []
        card = stored.card
        mapping = try Self.mapping(stored.texts, of: file)
    }

    /// The mapping of classes that a file's texts tell of.
    static func mapping(_ texts: [String: String], of file: String) throws -> ClassMapping? {
        try texts[mappingKey].map {
            do { return try JSONDecoder().decode(ClassMapping.self, from: Data($0.utf8)) } catch {
                throw ModelError("\(file): its metadata's '\(mappingKey)' cannot be read.")
            }
        }
    }

    /// What network a safetensors file is for, and which auxiliary heads stand beside it, from its
    /// header alone.
    package static func contents(
        of file: String
    ) throws -> (network: NetworkRecipe, heads: StoredHeads.Places?) {
        let file = try SafetensorsFile(file)
        return (
            try ModelFile.network(of: file),
            StoredHeads.places(file.entries.map { ($0.name, $0.shape) })
        )
    }

    /// The model as one safetensors file's bytes.
    ///
    /// - Parameter withHeads: whether its auxiliary heads come along, as they do to workers that
    ///   have to ask this teacher; no model that leaves training has any.
    package func safetensors(withHeads: Bool = false) throws -> [UInt8] {
        var texts = try ModelFile.metadata(description, card: card).map { (key: $0, value: $1) }
        if let mapping { texts.append((Self.mappingKey, try Self.json(mapping))) }
        return SafetensorsWriter.bytes(
            of: Array(weights) + (withHeads ? Array(heads?.weights ?? Weights()) : []),
            texts: texts)
    }

    /// The key under which a teacher's metadata say how its classes are mapped, as JSON.
    private static let mappingKey = "denju.teacher-classes"

    private static func json(_ mapping: ClassMapping) throws -> String {
        String(decoding: try JSONEncoder().encode(mapping), as: UTF8.self)
    }

    /// Writes the model as one safetensors file, durably and in one step, without heads.
    package func write(to path: String) throws {
        try SafetensorsWriter.write(
            weights, to: path, metadata: ModelFile.metadata(description, card: card))
    }

    /// The network that taught it; nil where it learnt alone, or where that is no longer to be found.
    package var teacher: (any Network)? {
        guard let settings = recipe?.teacher else { return nil }
        if let path = settings.model, let model = try? StoredModel(path) { return model.network }
        guard let pack = settings.pack, let found = try? PackDescription.read(pack) else {
            return nil
        }
        return try? found.network.build()
    }

    /// The model as objectives know a teacher before a run begins.
    package var side: NetworkPair.Side { .init(network, auxiliary: heads?.heads) }

    /// The model as a frozen teacher.
    ///
    /// Throws one sentence if this processor has no products of the given precision.
    package func teacher(precision: ProductPrecision = .float32) throws -> Teacher {
        try Teacher(
            network: network, weights: weights, precision: precision, heads: heads,
            mapping: mapping)
    }
}

/// A model that cannot be used: what, where, what to do.
package struct ModelError: Error, CustomStringConvertible, Equatable {
    /// The sentence.
    package let description: String
    /// The sentence as given.
    package init(_ description: String) { self.description = description }
}
