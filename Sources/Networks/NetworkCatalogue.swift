/// A network that is made from a configuration which stands in recipes and checkpoints.
public protocol ConfiguredNetwork: Network {
    /// What a recipe says of it.
    associatedtype Configuration: Codable, Sendable, Hashable
    /// What it was made from.
    var configuration: Configuration { get }
    /// A network of this configuration; throws one sentence if there can be none.
    init(_ configuration: Configuration) throws(NetworkError)
}

/// The networks that recipes and checkpoints can name, one line each.
public enum NetworkCatalogue {
    /// Every network; the first is what a recipe means that names none.
    public static let entries: [Entry] = [
        Entry("point-transformer-v3", PointTransformerV3.self, "a U-net of attention along curves")
    ]

    /// One network of the catalogue.
    public struct Entry: Sendable {
        /// What recipes call it.
        public let name: String
        /// What it is, in a few words.
        public let summary: String
        let read: @Sendable (any Decoder) throws -> any NetworkRecipeBody

        init<Made: ConfiguredNetwork>(_ name: String, _ type: Made.Type, _ summary: String) {
            self.name = name
            self.summary = summary
            read = { Body<Made>(configuration: try Made.Configuration(from: $0)) }
        }
    }

    private struct Body<Made: ConfiguredNetwork>: NetworkRecipeBody {
        let configuration: Made.Configuration
        func build() throws(NetworkError) -> any Network { try Made(configuration) }
        func encode(to encoder: any Encoder) throws { try configuration.encode(to: encoder) }
    }
}

/// A configuration together with the type it is for.
protocol NetworkRecipeBody: Sendable, Encodable {
    func build() throws(NetworkError) -> any Network
}

/// A network as recipes and checkpoints describe it: its name in the catalogue and its
/// configuration, in one mapping.
///
///     network: point-transformer-v3      # may be left out
///     preset: student-small
///     num_classes: 13
public struct NetworkRecipe: Codable, Sendable {
    /// The key that names the network.
    static let networkKey = "network"

    /// The network's name in the catalogue.
    public let name: String
    private let body: any NetworkRecipeBody

    private enum Key: String, CodingKey { case network }

    /// Reads the name, then the configuration beside it.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        let entries = NetworkCatalogue.entries
        name = try container.decodeIfPresent(String.self, forKey: .network) ?? entries[0].name
        guard let entry = entries.first(where: { [name] in $0.name == name }) else {
            let names = entries.map(\.name).joined(separator: ", ")
            throw DecodingError.dataCorruptedError(
                forKey: .network, in: container,
                debugDescription: "There is no network '\(name)'; choose one of \(names).")
        }
        body = try entry.read(decoder)
    }

    /// Writes the name, and every value of the configuration beside it.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(name, forKey: .network)
        try body.encode(to: encoder)
    }

    /// The network; throws ``NetworkError`` if there can be none of this configuration.
    public func build() throws(NetworkError) -> any Network { try body.build() }
}
