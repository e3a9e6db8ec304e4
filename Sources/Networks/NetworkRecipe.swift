/// A network as recipes and checkpoints describe it: its name in the catalogue and its
/// configuration, in one mapping.
///
///     network: point-transformer-v3      # may be left out: a preset names its network
///     preset: student-small
///     in_channels: 6                     # may be left out where the data decide
///     num_classes: 13                    # likewise
public struct NetworkRecipe: Codable, Sendable {
    /// The key that names the network.
    package static let networkKey = "network"
    /// The key of the features of a point that a network reads, for every network.
    package static let inputChannelsKey = "in_channels"
    /// The key of the class scores of a point that a network computes, for every network.
    package static let classesKey = "num_classes"

    /// The network's name in the catalogue.
    public let name: String
    /// The features of a point that the text states; nil if it leaves them to the data.
    package let statedInputChannels: Int?
    /// The classes that the text states; nil if it leaves them to the data.
    package let statedClasses: Int?
    private var body: any NetworkRecipeBody

    private enum Key: String, CodingKey {
        case network
        case preset
        case inputChannels = "in_channels"
        case classes = "num_classes"
    }

    /// Reads the name and what the data may decide, then the configuration beside them.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        let entries = NetworkCatalogue.entries
        let preset = try container.decodeIfPresent(String.self, forKey: .preset)
        let ofPreset = entries.first { entry in
            preset.map { entry.presetNames.contains($0) } ?? false
        }
        let stated = try container.decodeIfPresent(String.self, forKey: .network)
        if let preset, stated == nil, ofPreset == nil {
            let names = entries.flatMap(\.presetNames).joined(separator: ", ")
            throw DecodingError.dataCorruptedError(
                forKey: .preset, in: container,
                debugDescription: "There is no preset '\(preset)'; choose one of \(names).")
        }
        name = stated ?? (ofPreset ?? entries[0]).name
        guard let entry = entries.first(where: { [name] in $0.name == name }) else {
            let names = entries.map(\.name).joined(separator: ", ")
            throw DecodingError.dataCorruptedError(
                forKey: .network, in: container,
                debugDescription: "There is no network '\(name)'; choose one of \(names).")
        }
        statedInputChannels = try container.decodeIfPresent(Int.self, forKey: .inputChannels)
        statedClasses = try container.decodeIfPresent(Int.self, forKey: .classes)
        body = try entry.read(decoder)
        fit(inputChannels: statedInputChannels, classes: statedClasses)
    }

    /// The description of a network of the catalogue; throws ``NetworkError`` for any other.
    package init<Made: ConfiguredNetwork>(describing network: Made) throws(NetworkError) {
        guard let entry = NetworkCatalogue.entries.first(where: { $0.type == Made.self }) else {
            throw NetworkError("\(Made.self) is no network of the catalogue.")
        }
        name = entry.name
        (statedInputChannels, statedClasses) = (network.inputChannels, network.classes)
        body = NetworkCatalogue.Body<Made>(configuration: network.configuration)
    }

    /// Writes the name, inputs and classes, and every value of the configuration beside them.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(name, forKey: .network)
        // Always written: a stored network must not depend on the data of a later run.
        try container.encode(body.inputChannels, forKey: .inputChannels)
        try container.encode(body.classes, forKey: .classes)
        try body.encode(to: encoder)
    }

    /// Replaces inputs and classes by those of the data, where they are known.
    package mutating func fit(inputChannels: Int?, classes: Int?) {
        if let inputChannels { body.inputChannels = inputChannels }
        if let classes { body.classes = classes }
    }

    /// The network; throws ``NetworkError`` if there can be none of this configuration.
    public func build() throws(NetworkError) -> any Network { try body.build() }
}
