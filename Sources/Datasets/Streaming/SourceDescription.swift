import FoundationEssentials
package import PointClouds

/// What of a source can be told without reading a scene: all that a worker needs which is sent the
/// scenes, and what two machines compare that are to have the same data.
package struct SourceDescription: Codable, Sendable, Equatable {
    /// A scene.
    package struct Scene: Codable, Sendable, Equatable {
        /// As ``SceneSource/name(of:)``.
        package let name: String
        /// As ``SceneSource/sampleID(of:)``.
        package let sample: UInt64
        /// As ``SceneSource/recording(of:)``.
        package let recording: String
    }

    /// As ``SceneSource/name``.
    package let name: String
    /// As ``SceneSource/classes``.
    package let classes: [String]
    /// As ``SceneSource/channels``.
    package let channels: [ChannelSpecification]
    /// As ``SceneSource/readingOptions``.
    package let readingOptions: [String: Double]
    /// All scenes, in their order.
    package let scenes: [Scene]

    /// The description of a source; of all its scenes, where only some keep their labels.
    package init(of source: any SceneSource) {
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
package struct DataDescription: Codable, Sendable, Equatable {
    /// What is trained on.
    package let training: SourceDescription
    /// What is validated on.
    package let validation: SourceDescription

    /// The descriptions of two splits' sources.
    package init(training: any SceneSource, validation: any SceneSource) {
        self.training = SourceDescription(of: training)
        self.validation = SourceDescription(of: validation)
    }

    /// JSON, the same bytes for equal descriptions.
    package var bytes: [UInt8] {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return Array(try encoder.encode(self))
        }
    }

    /// Reads what ``bytes`` are; throws for anything else.
    package init(bytes: [UInt8]) throws {
        self = try JSONDecoder().decode(Self.self, from: Data(bytes))
    }
}
