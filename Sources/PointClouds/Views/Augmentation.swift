public import Tensors

/// A random change of a cloud that keeps the number and order of its points and their labels.
///
/// Written in a recipe by its name and its settings: `rotation: {degrees: [-180, 180]}`. A new one
/// is a struct in a file of its own and a line in ``Augmentations/catalogue``.
public protocol Augmentation: Sendable, Codable, Equatable {
    /// Its name in recipes.
    static var name: String { get }

    /// Names of settings that it reads besides those it writes.
    static var furtherSettings: [String] { get }

    /// The channels its settings name.
    var namedChannels: [String] { get }

    /// Makes sure that the settings make sense.
    ///
    /// - Throws: ``PointCloudError`` that names the setting at fault.
    func check() throws

    /// Changes the cloud as the generator's draws say.
    func apply(to cloud: inout Cloud, using generator: inout CounterGenerator)
}

extension Augmentation {
    /// By default none.
    public static var furtherSettings: [String] { [] }

    /// By default none.
    public var namedChannels: [String] { [] }

    func require(_ condition: Bool, _ demand: String) throws {
        guard condition else {
            throw PointCloudError("Augmentation \"\(Self.name)\": \(demand).")
        }
    }
}

/// Every augmentation a recipe can name.
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
    /// Moves every point, and turns the directions in a channel `"normal"` with them.
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
