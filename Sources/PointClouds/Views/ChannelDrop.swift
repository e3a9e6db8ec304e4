public import Tensors

/// A feature taken away from the whole cloud: its values become 0.
///
/// Nothing happens to a cloud without the channel.
public struct ChannelDrop: Augmentation {
    /// The name in recipes.
    public static let name = "channel-drop"
    /// The channel: `colour`, `intensity`.
    public var channel: String
    /// How likely.
    public var probability: Float

    /// A drop of the given channel.
    public init(channel: String, probability: Float = 0.2) {
        self.channel = channel
        self.probability = probability
    }

    /// A probability.
    public func check() throws {
        try require((0...1).contains(probability), "probability lies in 0 ... 1")
    }

    /// Sets the channel to 0, or leaves it.
    public func apply(to cloud: inout Cloud, using generator: inout CounterGenerator) {
        guard generator.uniform() < probability else { return }
        for place in cloud.channels.indices where cloud.channels[place].name == channel {
            let count = cloud.channels[place].values.count
            cloud.channels[place].values = [Float](repeating: 0, count: count)
        }
    }
}

/// Features taken away from some points: point dropout that keeps the points.
public struct FeatureMask: Augmentation {
    /// The name in recipes.
    public static let name = "feature-mask"
    /// How likely each point loses its features.
    public var ratio: Float
    /// Which features; empty for all.
    public var channels: [String]

    /// A mask over the given share of points.
    public init(ratio: Float = 0.1, channels: [String] = []) {
        self.ratio = ratio
        self.channels = channels
    }

    /// A share.
    public func check() throws { try require((0...1).contains(ratio), "ratio lies in 0 ... 1") }

    /// Sets the features of the drawn points to 0.
    public func apply(to cloud: inout Cloud, using generator: inout CounterGenerator) {
        let masked = cloud.positions.indices.filter { _ in generator.uniform() < ratio }
        for place in cloud.channels.indices
        where channels.isEmpty || channels.contains(cloud.channels[place].name) {
            let width = cloud.channels[place].width
            for point in masked {
                for index in point * width..<(point + 1) * width {
                    cloud.channels[place].values[index] = 0
                }
            }
        }
    }
}
