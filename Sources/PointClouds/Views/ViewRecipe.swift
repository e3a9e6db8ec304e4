import FoundationEssentials
import Spelling
import Tensors

/// A sequence of augmentations that makes a view of a cloud.
///
/// A view is a function of (seed, step, sample) and the recipe; it has the points of the cloud in
/// their order, with their labels. Every augmentation draws from its own sequence, so that a further
/// one at the end does not change the draws of the others.
public struct ViewRecipe: Sendable {
    /// The name, which the draws depend on.
    public var name: String
    /// The augmentations in the order of application.
    public var augmentations: [any Augmentation]

    /// A recipe of the given augmentations.
    public init(name: String, _ augmentations: [any Augmentation]) {
        self.name = name
        self.augmentations = augmentations
    }

    /// The view of a cloud.
    public func callAsFunction(
        _ cloud: Cloud, seed: UInt64, step: Int, sample: UInt64
    ) -> Cloud {
        var view = cloud
        for (place, augmentation) in augmentations.enumerated() {
            var generator = CounterGenerator(
                seed: seed, step: step, sample: sample,
                purpose: .init("view \(name) \(place) \(type(of: augmentation).name)"))
            augmentation.apply(to: &view, using: &generator)
        }
        return view
    }

    /// The view of a voxel cloud: the same voxels with moved points.
    ///
    /// The grid stays that of the original cloud, so that all views share one hierarchy and their
    /// rows correspond.
    public func callAsFunction(
        _ voxels: VoxelCloud, seed: UInt64, step: Int, sample: UInt64
    ) -> VoxelCloud {
        var view = voxels
        view.cloud = self(voxels.cloud, seed: seed, step: step, sample: sample)
        return view
    }

    /// The recipe without the augmentations of a type, such as random rotations where an objective
    /// predicts the rotation.
    public func removing<Unwanted: Augmentation>(_ type: Unwanted.Type) -> ViewRecipe {
        ViewRecipe(name: name, augmentations.filter { !($0 is Unwanted) })
    }
}

extension ViewRecipe {
    /// The unchanged cloud.
    public static let plain = ViewRecipe(name: "plain", [])

    /// Flips, rotation about z, a small scale.
    public static let weak = ViewRecipe(
        name: "weak", [Rotation(), Flip(), Scaling(factor: 0.95...1.05)])

    /// The augmentations of the weak view, and stretching, distortion, jitter, chromatic changes,
    /// dropped and masked features.
    public static let strong = ViewRecipe(
        name: "strong",
        [
            Rotation(), Flip(), Scaling(factor: 0.9...1.1), Stretching(factor: 0.9...1.1),
            ElasticDistortion(granularity: 0.8, magnitude: 0.1),
            ElasticDistortion(granularity: 3.2, magnitude: 0.3),
            Jitter(deviation: 0.005, limit: 0.02),
            ChromaticChange(channel: "colour", contrast: 0.5, shift: 0.05, noise: 0.02),
            ChromaticChange(channel: "intensity", contrast: 0, shift: 0.05, noise: 0.02),
            ChannelDrop(channel: "colour", probability: 0.2),
            ChannelDrop(channel: "intensity", probability: 0.2), FeatureMask(ratio: 0.1),
        ])
}

extension ViewRecipe: Codable {
    private struct Name: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    /// A value of any kind, of which only the presence matters.
    private struct Anything: Decodable {
        init(from decoder: any Decoder) {}
    }

    private enum Keys: CodingKey { case name, augmentations }

    /// Reads `{name: …, augmentations: [{rotation: {degrees: [-180, 180]}}, …]}`.
    ///
    /// - Throws: ``PointCloudError`` for an unknown augmentation or invalid settings.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Keys.self)
        name = try container.decode(String.self, forKey: .name)
        augmentations = []
        var list = try container.nestedUnkeyedContainer(forKey: .augmentations)
        while !list.isAtEnd {
            let entry = try list.nestedContainer(keyedBy: Name.self)
            let names = entry.allKeys.map(\.stringValue).sorted()
            let type = Augmentations.catalogue.first { [$0.name] == names }
            guard let type else {
                throw PointCloudError(
                    "View \"\(name)\", augmentation \(augmentations.count + 1): "
                        + "\"\(names.joined(separator: ", "))\" is none; there are "
                        + Augmentations.catalogue.map { $0.name }.joined(separator: ", ") + ".")
            }
            augmentations.append(try Self.decode(type, from: entry))
        }
    }

    private static func decode<Named: Augmentation>(
        _ type: Named.Type, from entry: KeyedDecodingContainer<Name>
    ) throws -> any Augmentation {
        let augmentation = try entry.decode(type, forKey: Name(stringValue: type.name))
        try augmentation.check()
        let given = try entry.nestedContainer(
            keyedBy: Name.self, forKey: Name(stringValue: type.name)
        ).allKeys.map(\.stringValue)
        // Encoded back to learn the names of the settings, which synthesised coding does not expose.
        let own = try JSONDecoder().decode(
            [String: Anything].self, from: JSONEncoder().encode(augmentation))
        let known = (Array(own.keys) + type.furtherSettings).sorted()
        for name in given.sorted() where !known.contains(name) {
            throw DecodingError.unknownSetting(
                name, known: Set(known).sorted(), section: "Augmentation \"\(type.name)\"",
                at: entry.codingPath + [Name(stringValue: type.name)])
        }
        return augmentation
    }

    /// Writes the form that ``init(from:)`` reads.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(name, forKey: .name)
        var list = container.nestedUnkeyedContainer(forKey: .augmentations)
        for augmentation in augmentations {
            var entry = list.nestedContainer(keyedBy: Name.self)
            try entry.encode(
                augmentation, forKey: Name(stringValue: type(of: augmentation).name))
        }
    }
}

extension ViewRecipe: Equatable {
    /// The same name and the same augmentations in the same order.
    public static func == (a: ViewRecipe, b: ViewRecipe) -> Bool {
        guard a.name == b.name && a.augmentations.count == b.augmentations.count else {
            return false
        }
        for (first, second) in zip(a.augmentations, b.augmentations)
        where !first.equals(second) {
            return false
        }
        return true
    }
}

extension Augmentation {
    fileprivate func equals(_ other: any Augmentation) -> Bool { self == other as? Self }
}
