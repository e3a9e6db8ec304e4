/// The networks that recipes and checkpoints can name, one line each.
public enum NetworkCatalogue {
    /// Every network; the first is used by recipes that name none.
    public static var entries: [Entry] { own + additions }

    private static let own: [Entry] = [
        Entry("point-transformer-v3", PointTransformerV3.self, "a U-net of attention along curves"),
        Entry("litept", LitePT.self, "convolutions at fine stages, attention at coarse ones"),
    ]

    /// Entries that are present for the current task only.
    ///
    /// Tests read a recipe with a network that has no line in the catalogue.
    @TaskLocal package static var additions: [Entry] = []

    /// One network of the catalogue.
    public struct Entry: Sendable {
        /// The network's name in recipes.
        public let name: String
        /// A description in a few words.
        public let summary: String
        let read: @Sendable (any Decoder) throws -> any NetworkRecipeBody
        let type: any ConfiguredNetwork.Type
        let presetNames: [String]

        package init<Made: ConfiguredNetwork>(
            _ name: String, _ type: Made.Type, _ summary: String
        ) {
            self.name = name
            self.summary = summary
            self.type = type
            presetNames = Made.Configuration.presetNames
            read = { Body<Made>(configuration: try Made.Configuration(from: $0)) }
        }
    }

    struct Body<Made: ConfiguredNetwork>: NetworkRecipeBody {
        var configuration: Made.Configuration

        var inputChannels: Int {
            get { configuration.inputChannels }
            set { configuration.inputChannels = newValue }
        }
        var classes: Int {
            get { configuration.classes }
            set { configuration.classes = newValue }
        }
        func build() throws(NetworkError) -> any Network { try Made(configuration) }
        func encode(to encoder: any Encoder) throws { try configuration.encode(to: encoder) }
    }
}

/// A configuration together with the type of its network.
protocol NetworkRecipeBody: Sendable, Encodable {
    var inputChannels: Int { get set }
    var classes: Int { get set }
    func build() throws(NetworkError) -> any Network
}
