import Foundation
public import PointClouds

/// What a model knows of the data it is for, beside its network: kept in a model file's metadata,
/// so that the file alone is enough to label a cloud.
public struct ModelCard: Codable, Sendable, Equatable {
    /// A class of the model.
    public struct Class: Codable, Sendable, Equatable {
        /// What it is called.
        public var name: String
        /// What files of the data set write for it; nil where that is its place in the list.
        public var number: Int?

        /// A class of this name.
        public init(_ name: String, number: Int? = nil) {
            self.name = name
            self.number = number
        }
    }

    /// The side of a voxel, metres.
    public var grid: Float
    /// What the network reads of a point, as `PointClouds.features(of:_:)` takes it.
    public var features: [Feature]
    /// The classes in the order of the network's scores.
    public var classes: [Class]
    /// How the data's files were read, as options of their source: whether positions count from the
    /// middle of a scene (`centre`), and the numbers that stand for a full channel
    /// (`intensity-range`); nil where that was not in question.
    public var reading: [String: Double]?

    /// A card of these entries.
    public init(
        grid: Float, features: [Feature], classes: [Class], reading: [String: Double]? = nil
    ) {
        self.grid = grid
        self.features = features
        self.classes = classes
        self.reading = reading
    }

    /// What files of the data set write for a label.
    public func number(of label: Int32) -> Int { classes[Int(label)].number ?? Int(label) }

    /// The key under which a model file's metadata hold it, as JSON.
    public static let key = "denju.data"

    /// The card as metadata have it.
    public var json: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys]
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        }
    }

    /// Reads a card; nil where the metadata have none.
    init?(metadata: [String: String], path: String) throws {
        guard let text = metadata[Self.key] else { return nil }
        do {
            self = try JSONDecoder().decode(Self.self, from: Data(text.utf8))
        } catch {
            throw InferenceError("\(path): its metadata's '\(Self.key)' cannot be read: \(error)")
        }
        guard grid > 0, grid.isFinite, !features.isEmpty, !classes.isEmpty else {
            throw InferenceError(
                "\(path): its metadata's '\(Self.key)' lacks a grid size, features or classes.")
        }
    }
}

/// Why a model cannot be used: what, where, what to do.
public struct InferenceError: Error, CustomStringConvertible, Equatable {
    /// The sentence.
    public let description: String
    /// The sentence as given.
    public init(_ description: String) { self.description = description }
}
