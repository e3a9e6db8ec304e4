import FoundationEssentials
package import PointClouds

/// The properties of a source that are known without reading a scene.
///
/// A worker without the data receives the description. Machines compare descriptions to check that
/// they have the same data.
package struct SourceDescription: Codable, Sendable, Equatable {
    /// A scene.
    package struct Scene: Codable, Sendable, Equatable {
        /// The scene's ``SceneSource/name(of:)``.
        package let name: String
        /// The scene's ``SceneSource/sampleID(of:)``.
        package let sample: UInt64
        /// The scene's ``SceneSource/recording(of:)``.
        package let recording: String
    }

    /// The source's ``SceneSource/name``.
    package let name: String
    /// The source's ``SceneSource/classes``.
    package let classes: [String]
    /// The source's ``SceneSource/channels``.
    package let channels: [ChannelSpecification]
    /// The source's ``SceneSource/readingOptions``.
    package let readingOptions: [String: Double]
    /// The scenes in order.
    package let scenes: [Scene]

    /// The description of a source; of ``FewLabels``, that of all scenes.
    package init(of source: any SceneSource) {
        // Machines compare descriptions of the data, which do not depend on the labels in use.
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
    /// The training split.
    package let training: SourceDescription
    /// The validation split.
    package let validation: SourceDescription

    /// The descriptions of the sources of two splits.
    package init(training: any SceneSource, validation: any SceneSource) {
        self.training = SourceDescription(of: training)
        self.validation = SourceDescription(of: validation)
    }

    /// The description as JSON, with equal bytes for equal descriptions.
    package var bytes: [UInt8] {
        get throws {
            let encoder = JSONEncoder()
            // JSON objects have no order: unsorted keys would give equal descriptions other bytes.
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return Array(try encoder.encode(self))
        }
    }

    /// Reads the output of ``bytes``; throws for other bytes.
    package init(bytes: [UInt8]) throws {
        self = try JSONDecoder().decode(Self.self, from: Data(bytes))
    }
}
