import Networks
import PointClouds
import Settings
import Yams

/// Section of a network in a recipe, kept as text until the data determine classes and inputs.
struct NetworkSection: Sendable {
    private let yaml: String
    private let file: String
    private let line: Int?
    private let name: String

    /// The stored model of the initial weights, if the section names one.
    let model: String?

    /// The features of that model, if known.
    let features: [Feature]?

    /// The key that names the model.
    static let modelKey = "model"
    private static let featuresKey = "features"

    /// The features in a network's section; nil if it names none.
    static func features(
        in section: SettingsNode, declared: [FeatureSetting]
    ) throws -> [FeatureSetting]? {
        guard let list = section.node.mapping?[Node(featuresKey)], list.null == nil else {
            return nil
        }
        return try [FeatureSetting](section.child(list, featuresKey), declared: declared)
    }

    init(_ section: SettingsNode) throws {
        var node = section.node
        model = try node.mapping?[Node(Self.modelKey)].map {
            try section.child($0, Self.modelKey).string()
        }
        var features: [Feature]?
        if var mapping = node.mapping {
            // These keys belong to the recipe; the network's configuration refuses keys that it does not know.
            mapping[Node(Self.featuresKey)] = nil
            mapping[Node(Self.modelKey)] = nil
            node = .mapping(mapping)
            // Nothing but the path: the network is the stored one.
            if mapping.isEmpty, let model {
                let stored = try StoredModel(model)
                node = try YAMLEncoder().encodedNode(stored.description)
                features = stored.features
            }
        }
        self.features = features
        yaml = try serialize(node: node)
        file = section.file
        line = section.node.mark?.line
        name = section.name
    }

    /// The section with the complete description of the network.
    func node() throws -> Node { try compose(yaml: yaml) ?? Node([:]) }

    /// The network's description, with classes and inputs filled in if the section leaves them open.
    func network(classes: Int?, inputs: Int?) throws -> NetworkRecipe {
        guard let node = try compose(yaml: yaml), node.mapping != nil else {
            throw RecipeError(file: file, line: line, "\(name) must be a mapping of settings.")
        }
        var recipe: NetworkRecipe
        do {
            recipe = try SettingsNode(node, path: name, file: file).decode(NetworkRecipe.self)
        } catch let error as RecipeError {
            // The lines of the kept text begin at its own top.
            throw RecipeError(file: file, line: line, error.reason)
        }
        try require(
            recipe.statedClasses, NetworkRecipe.classesKey, toBe: classes,
            because: "the data have \(classes ?? 0) classes")
        try require(
            recipe.statedInputChannels, NetworkRecipe.inputChannelsKey, toBe: inputs,
            because: "the features give \(inputs ?? 0) values a point")
        recipe.fit(inputChannels: inputs, classes: classes)
        return recipe
    }

    /// The network; an impossible one is refused at the section's line.
    func built(classes: Int, inputs: Int) throws -> any Network {
        let recipe = try network(classes: classes, inputs: inputs)
        do {
            return try recipe.build()
        } catch {
            throw RecipeError(file: file, line: line, "\(name): \(error)")
        }
    }

    /// Throws if the text states another value than the data have.
    private func require(
        _ stated: Int?, _ key: String, toBe value: Int?, because reason: String
    ) throws {
        guard let stated, let value, stated != value else { return }
        let advice =
            model == nil ? "leave it out" : "begin with a model of the same classes and features"
        throw RecipeError(
            file: file, line: line, "\(name).\(key) is \(stated), but \(reason): \(advice).")
    }
}

extension YAMLEncoder {
    /// A value as a node.
    fileprivate func encodedNode<Value: Encodable>(_ value: Value) throws -> Node {
        try compose(yaml: encode(value)) ?? Node([:])
    }
}
