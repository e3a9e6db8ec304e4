public import Tensors

/// Normal noise on each coordinate of each point, clamped to a limit.
public struct Jitter: Augmentation {
    /// The name in recipes.
    public static let name = "jitter"
    /// The standard deviation before clamping, in metres.
    public var deviation: Float
    /// The maximum displacement of a coordinate, in metres.
    public var limit: Float

    /// Noise of the given deviation and limit.
    public init(deviation: Float = 0.005, limit: Float = 0.02) {
        self.deviation = deviation
        self.limit = limit
    }

    /// Checks that both lengths are not negative.
    public func check() throws {
        try require(deviation >= 0 && limit >= 0, "deviation and limit must not be negative")
    }

    /// Moves positions.
    public func apply(to cloud: inout Cloud, using generator: inout CounterGenerator) {
        for index in cloud.positions.indices {
            for axis in 0..<3 {
                let noise = deviation * generator.normal()
                cloud.positions[index][axis] += max(-limit, min(limit, noise))
            }
        }
    }
}
