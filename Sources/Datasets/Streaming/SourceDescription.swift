import FoundationEssentials

/// What of a source can be told without reading a scene: all that a worker needs which is sent the
/// scenes, and what two machines compare that are to have the same data.
public struct SourceDescription: Codable, Sendable, Equatable {
    /// A scene.
    public struct Scene: Codable, Sendable, Equatable {
        /// As ``SceneSource/name(of:)``.
        public let name: String
        /// As ``SceneSource/sampleID(of:)``.
        public let sample: UInt64
        /// As ``SceneSource/recording(of:)``.
        public let recording: String
    }

    /// As ``SceneSource/name``.
    public let name: String
    /// As ``SceneSource/classes``.
    public let classes: [String]
    /// As ``SceneSource/channels``.
    public let channels: [ChannelSpecification]
    /// As ``SceneSource/readingOptions``.
    public let readingOptions: [String: Double]
    /// All scenes, in their order.
    public let scenes: [Scene]

    /// The description of a source; of all its scenes, where only some keep their labels.
    public init(of source: any SceneSource) {
        let source = (source as? FewLabels)?.source ?? source
        name = source.name
        classes = source.classes
        channels = source.channels
        readingOptions = source.readingOptions
        scenes = (0..<source.count).map { index in
            Scene(
                name: source.name(of: index), sample: source.sampleID(of: index),
                recording: source.recording(of: index))
        }
    }
}

/// The descriptions of the splits that a run reads.
public struct DataDescription: Codable, Sendable, Equatable {
    /// What is trained on.
    public let training: SourceDescription
    /// What is validated on.
    public let validation: SourceDescription

    /// The descriptions of two splits' sources.
    public init(training: any SceneSource, validation: any SceneSource) {
        self.training = SourceDescription(of: training)
        self.validation = SourceDescription(of: validation)
    }

    /// JSON, the same bytes for equal descriptions.
    public var bytes: [UInt8] {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return Array(try encoder.encode(self))
        }
    }

    /// Reads what ``bytes`` are; throws for anything else.
    public init(bytes: [UInt8]) throws {
        self = try JSONDecoder().decode(Self.self, from: Data(bytes))
    }
}
