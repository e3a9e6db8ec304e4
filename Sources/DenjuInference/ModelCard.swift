import FoundationEssentials
public import PointClouds

/// The data that a model expects: grid, features and classes.
///
/// The card is stored in a model file's metadata, so that the file is sufficient to label a cloud.
public struct ModelCard: Codable, Sendable, Equatable {
    /// A class of the model.
    public struct Class: Codable, Sendable, Equatable {
        /// The class's name.
        public var name: String
        /// The class's number in files of the data set; nil if it equals the place in the list.
        public var number: Int?
        /// The class's colour in pictures: red, green and blue; nil for the usual one of its place.
        public var colour: SIMD3<UInt8>?

        /// A class.
        public init(_ name: String, number: Int? = nil, colour: SIMD3<UInt8>? = nil) {
            self.name = name
            self.number = number
            self.colour = colour
        }
    }

    /// The side of a voxel, in metres.
    public var grid: Float
    /// The features that the network reads of each point, in the order of its input channels.
    public var features: [Feature]
    /// The classes in the order of the network's scores.
    public var classes: [Class]
    /// The options with which the data's files were read; nil if the source has none.
    ///
    /// The options state whether positions are relative to the centre of a scene (`centre`), and
    /// the values of a full channel (`intensity-range`).
    public var reading: [String: Double]?
    /// The names of fields in the data's files, by the coordinate, channel or label that they are
    /// read as; nil if the recipe names none.
    public var fields: [String: [String]]?
    /// The data source of the training scans, such as `las`; nil if unknown.
    ///
    /// Formats with a full scale of their own keep it, unless the model's data had the same format.
    public var source: String?

    /// A card.
    public init(
        grid: Float, features: [Feature], classes: [Class], reading: [String: Double]? = nil,
        fields: [String: [String]]? = nil, source: String? = nil
    ) {
        self.grid = grid
        self.features = features
        self.classes = classes
        self.reading = reading
        self.fields = fields
        self.source = source
    }

    /// The channels of a cloud that the network reads, beside its positions.
    public var channels: [String] {
        var seen: Set<String> = []
        return features.map(\.name).filter {
            Feature.derived[$0] == nil && seen.insert($0).inserted
        }
    }

    /// The number of a label in files of the data set.
    public func number(of label: Int32) -> Int { classes[Int(label)].number ?? Int(label) }

    /// The key of the card in a model file's metadata.
    public static let key = "denju.data"

    /// The card as JSON, as the metadata store it.
    public var json: String {
        get throws {
            let encoder = JSONEncoder()
            // JSON objects have no order: unsorted keys would give equal models other bytes.
            encoder.outputFormatting = [.sortedKeys]
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        }
    }

    /// Reads a card; nil if the metadata have none.
    init?(metadata: [String: String], path: String) throws {
        guard let text = metadata[Self.key] else { return nil }
        do {
            self = try JSONDecoder().decode(Self.self, from: Data(text.utf8))
        } catch {
            throw InferenceError(
                "\(path): its metadata's '\(Self.key)' cannot be read: \(reason(of: error)).")
        }
        // JSON that can be decoded may still be unusable: positions are divided by the grid.
        guard grid > 0, grid.isFinite, !features.isEmpty, !classes.isEmpty else {
            throw InferenceError(
                "\(path): its metadata's '\(Self.key)' lacks a grid size, features or classes.")
        }
    }
}

/// The reason for which JSON could not be decoded, as a clause for users.
func reason(of error: any Error) -> String {
    guard let error = error as? DecodingError else {
        return clause("\(error)")
    }
    let (what, context) =
        switch error {
        case .keyNotFound(let key, let context): ("'\(key.stringValue)' is missing", context)
        case .typeMismatch(_, let context): ("a value has another type", context)
        case .valueNotFound(_, let context): ("a value is missing", context)
        case .dataCorrupted(let context):
            (clause(context.debugDescription), context)
        @unknown default:
            ("it is not as expected", DecodingError.Context(codingPath: [], debugDescription: ""))
        }
    let place = context.codingPath.map(\.stringValue).joined(separator: ".")
    return what + (place.isEmpty ? "" : " in '\(place)'")
}

/// A sentence without its full stop.
private func clause(_ sentence: String) -> String {
    sentence.hasSuffix(".") ? String(sentence.dropLast()) : sentence
}

/// An error that prevents the use of a model, in one sentence.
public struct InferenceError: Error, CustomStringConvertible, Equatable {
    /// The sentence.
    public let description: String
    /// An error with the given sentence.
    public init(_ description: String) { self.description = description }
}
