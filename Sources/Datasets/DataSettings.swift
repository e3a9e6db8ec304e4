package import Formats
import Spelling
import ZipArchives

/// The data of a run: the `data` section of a recipe.
///
/// ```yaml
/// data:
///   source: semantickitti
///   path: /data/semantickitti
///   sequences: { training: [00, 01, 02], validation: [08] }
/// ```
/// ```yaml
/// data:
///   source: streets
///   seed: 7
///   scenes: { training: 400, validation: 40 }
///   options: { beams: 64, azimuth-steps: 1024 }
///   labelled: { percent: 10 }
/// ```
/// ```yaml
/// data:
///   source: ply
///   path: /data/gardens
///   sequences: { training: [north, south/a*], validation: [east] }
///   classes: [{ground: 2}, {tree: [3, 4, 5]}, {ignored: rest}]
///   fields: { label: scalar_Label, temperature: scalar_T }
///   channels: [colour, temperature]
/// ```
package struct DataSettings: Codable, Sendable, Equatable {
    /// A name in the ``SourceCatalogue``.
    package var source: String
    /// The folder of the files, for sources that read files.
    package var path: String?
    /// The recordings of each split; by default those of the data set's official splits.
    package var sequences: PerSplit<[String]>
    /// The number of scenes of each split.
    ///
    /// Generated data have any number. Of files, that many frames are taken at equal intervals; by
    /// default, all.
    package var scenes: PerSplit<Int>
    /// The seed of generated scenes.
    package var seed: UInt64
    /// Options of the source by name, such as `beams` and `range`; 1 and 0 stand for true and
    /// false.
    package var options: [String: Double]
    /// The classes, for custom data; by default those of the data set.
    package var classes: ClassSetting?
    /// The names of fields in the files, by denju's name (`x`, `label`, `colour`, or any channel).
    package var fields: [String: [String]]
    /// The channels to read, for sources of files; by default all.
    package var channels: [String]?
    /// The training scans that keep their labels; by default all.
    package var labelled: LabelledSettings?
    /// The most bytes of training scenes, or of their fixed views, that a process keeps in memory.
    ///
    /// The size of the cache does not change results.
    package var cache: ByteCount
    /// Place of the settings, for the advice in messages; not part of a recipe.
    package var place = SettingsPlace.recipe
    /// Whether labels are read, as all commands except those that label scans do.
    package var readsLabels = true
    /// Path of the only scan, which is read whatever its name; for commands, not part of a recipe.
    package var onlyScan: String?

    /// The default size: all of a small data set, and little compared with the memory of a network.
    package static let standardCache = ByteCount(64_000_000)

    /// Settings for a source, with defaults.
    package init(
        source: String, path: String? = nil, sequences: PerSplit<[String]> = PerSplit(),
        scenes: PerSplit<Int> = PerSplit(), seed: UInt64 = 0, options: [String: Double] = [:],
        classes: ClassSetting? = nil, fields: [String: [String]] = [:], channels: [String]? = nil,
        labelled: LabelledSettings? = nil, cache: ByteCount = standardCache
    ) {
        self.source = source
        self.path = path
        self.sequences = sequences
        self.scenes = scenes
        self.seed = seed
        self.options = options
        self.classes = classes
        self.fields = fields
        self.channels = channels
        self.labelled = labelled
        self.cache = cache
    }

    /// Optional values for the splits.
    package struct PerSplit<Value: Codable & Sendable & Equatable>: Codable, Sendable, Equatable {
        /// The value of the training split.
        package var training: Value?
        /// The value of the validation split.
        package var validation: Value?
        /// The value of the test split.
        package var test: Value?

        /// Values for some splits.
        package init(training: Value? = nil, validation: Value? = nil, test: Value? = nil) {
            self.training = training
            self.validation = validation
            self.test = test
        }

        /// The value of a split, if any.
        package subscript(split: Split) -> Value? {
            switch split {
            case .training: training
            case .validation: validation
            case .test: test
            }
        }
    }
}

// MARK: - Reading

extension DataSettings {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case source, path, sequences, scenes, seed, options, classes, fields, channels
        case labelled, cache
    }

    /// Decodes the settings; throws for an unknown key.
    package init(from decoder: any Decoder) throws {
        try refuseUnknownKeys(
            in: decoder, known: CodingKeys.allCases.map(\.rawValue), section: "data")
        let values = try decoder.container(keyedBy: CodingKeys.self)
        source = try values.decode(String.self, forKey: .source)
        path = try values.decodeIfPresent(String.self, forKey: .path)
        sequences = try values.decodeIfPresent(forKey: .sequences) ?? PerSplit()
        scenes = try values.decodeIfPresent(forKey: .scenes) ?? PerSplit()
        seed = try values.decodeIfPresent(UInt64.self, forKey: .seed) ?? 0
        // Options may be numbers or true and false, which sources read as 1 and 0.
        let given = try values.decodeIfPresent([String: OptionValue].self, forKey: .options)
        options = given?.mapValues(\.number) ?? [:]
        classes = try values.decodeIfPresent(ClassSetting.self, forKey: .classes)
        let named = try values.decodeIfPresent([String: FieldList].self, forKey: .fields)
        fields = named?.mapValues(\.names) ?? [:]
        channels = try values.decodeIfPresent([String].self, forKey: .channels)
        labelled = try values.decodeIfPresent(LabelledSettings.self, forKey: .labelled)
        cache = try values.decodeIfPresent(ByteCount.self, forKey: .cache) ?? Self.standardCache
    }
}

extension DataSettings.PerSplit {
    /// Decodes the values; throws for a key that is not a split.
    package init(from decoder: any Decoder) throws {
        try refuseUnknownKeys(
            in: decoder, known: Split.allCases.map(\.rawValue), section: "data, by split")
        let values = try decoder.container(keyedBy: AnyKey.self)
        func value(_ split: Split) throws -> Value? {
            try values.decodeIfPresent(Value.self, forKey: AnyKey(split.rawValue))
        }
        self.init(
            training: try value(.training), validation: try value(.validation),
            test: try value(.test))
    }
}

extension KeyedDecodingContainer {
    fileprivate func decodeIfPresent<Value: Decodable>(forKey key: Key) throws -> Value? {
        try decodeIfPresent(Value.self, forKey: key)
    }
}

/// A number, or true and false for 1 and 0.
private struct OptionValue: Decodable {
    let number: Double

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if let flag = try? value.decode(Bool.self) {
            number = flag ? 1 : 0
        } else {
            number = try value.decode(Double.self)
        }
    }
}

/// One or more names of fields.
private struct FieldList: Decodable {
    let names: [String]

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        names = try (try? value.decode(String.self)).map { [$0] } ?? value.decode([String].self)
        guard !names.isEmpty else {
            throw SourceError("data.fields names no field where it should name one or more.")
        }
    }
}

/// A key of any name.
private struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}
