import Archives
import Formats
import Spelling

/// Which data a run uses: the `data` section of a recipe.
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
    /// The folder that holds the files, for sources that read files.
    package var path: String?
    /// Which recordings each split takes, for data recorded in sequences; the data set's official
    /// split where absent.
    package var sequences: PerSplit<[String]>
    /// How many scenes each split has.
    ///
    /// Generated data: any number. Files: that many of the frames there are, spread evenly; all
    /// of them where absent.
    package var scenes: PerSplit<Int>
    /// What generated scenes are drawn from.
    package var seed: UInt64
    /// Numbers that the source itself understands, by name: `beams`, `range`; 1 and 0 stand for
    /// true and false, which a recipe may say as well.
    package var options: [String: Double]
    /// The classes, for sources of one's own data; the data set's own where absent.
    package var classes: ClassSetting?
    /// What files call otherwise: their fields by our name for them (`x`, `label`, `colour`, or a
    /// channel of any name).
    package var fields: [String: [String]]
    /// The channels to read, for sources of files; all there are where absent.
    package var channels: [String]?
    /// Which training scans keep their labels; all where absent.
    package var labelled: LabelledSettings?
    /// How many bytes of training scenes, or of their fixed views, a process may keep in memory;
    /// changes no result.
    package var cache: ByteCount

    /// Bytes kept where nothing is said: all of a small set, and little beside what a network needs.
    package static let standardCache = ByteCount(64_000_000)

    /// Settings for the named source; everything else has a default.
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

    /// A value for each split, or for some.
    package struct PerSplit<Value: Codable & Sendable & Equatable>: Codable, Sendable, Equatable {
        /// For the training split.
        package var training: Value?
        /// For the validation split.
        package var validation: Value?
        /// For the test split.
        package var test: Value?

        /// The values given.
        package init(training: Value? = nil, validation: Value? = nil, test: Value? = nil) {
            self.training = training
            self.validation = validation
            self.test = test
        }

        /// The value for a split, if there is one.
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

    /// Decodes the settings; a key that is none of theirs is refused by name.
    package init(from decoder: any Decoder) throws {
        try refuseUnknownKeys(
            in: decoder, known: CodingKeys.allCases.map(\.rawValue), section: "data")
        let values = try decoder.container(keyedBy: CodingKeys.self)
        source = try values.decode(String.self, forKey: .source)
        path = try values.decodeIfPresent(String.self, forKey: .path)
        sequences = try values.decodeIfPresent(forKey: .sequences) ?? PerSplit()
        scenes = try values.decodeIfPresent(forKey: .scenes) ?? PerSplit()
        seed = try values.decodeIfPresent(UInt64.self, forKey: .seed) ?? 0
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
    /// Decodes the values; a key that names no split is refused.
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

/// A number, or true or false for 1 or 0.
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

/// The name of a field, or of several.
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

/// A key that has not been checked yet.
private struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}
