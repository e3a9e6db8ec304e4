public import Tensors

/// A random change of a cloud that keeps the number and order of its points and their labels.
///
/// A recipe contains its name and its settings: `rotation: {degrees: [-180, 180]}`. A new one is a
/// struct in its own file and a line in ``Augmentations/catalogue``.
public protocol Augmentation: Sendable, Codable, Equatable {
    /// The name in recipes.
    static var name: String { get }

    /// Names of settings that are read but not written.
    static var furtherSettings: [String] { get }

    /// The channels that the settings name.
    var namedChannels: [String] { get }

    /// Checks the settings.
    ///
    /// - Throws: ``PointCloudError`` that names the invalid setting.
    func check() throws

    /// Changes the cloud according to the generator's draws.
    func apply(to cloud: inout Cloud, using generator: inout CounterGenerator)
}

extension Augmentation {
    /// None by default.
    public static var furtherSettings: [String] { [] }

    /// None by default.
    public var namedChannels: [String] { [] }

    func require(_ condition: Bool, _ demand: String) throws {
        guard condition else {
            throw PointCloudError("Augmentation \"\(Self.name)\": \(demand).")
        }
    }
}

/// The augmentations that a recipe can name.
public enum Augmentations {
    /// One line each.
    public static let catalogue: [any Augmentation.Type] = [
        Rotation.self,
        Flip.self,
        Scaling.self,
        Stretching.self,
        Jitter.self,
        ElasticDistortion.self,
        ChromaticChange.self,
        ChannelDrop.self,
        FeatureMask.self,
    ]
}

extension Cloud {
    /// Moves every point, and turns the directions in a channel `"normal"` accordingly.
    mutating func transform(
        positions move: (SIMD3<Float>) -> SIMD3<Float>,
        normals turn: (SIMD3<Float>) -> SIMD3<Float>
    ) {
        for index in positions.indices { positions[index] = move(positions[index]) }
        for place in channels.indices
        where channels[place].name == "normal" && channels[place].width == 3 {
            for begin in stride(from: 0, to: channels[place].values.count, by: 3) {
                var normal = SIMD3<Float>()
                for axis in 0..<3 { normal[axis] = channels[place].values[begin + axis] }
                normal = turn(normal)
                for axis in 0..<3 { channels[place].values[begin + axis] = normal[axis] }
            }
        }
    }
}
