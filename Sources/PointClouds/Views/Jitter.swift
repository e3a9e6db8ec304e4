public import Tensors

/// Noise on each coordinate of each point: normal, cut off at a limit.
public struct Jitter: Augmentation {
    /// The name in recipes.
    public static let name = "jitter"
    /// The standard deviation before the cut, metres.
    public var deviation: Float
    /// The farthest a coordinate may move, metres.
    public var limit: Float

    /// Noise of the given deviation and limit.
    public init(deviation: Float = 0.005, limit: Float = 0.02) {
        self.deviation = deviation
        self.limit = limit
    }

    /// Lengths are not negative.
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
