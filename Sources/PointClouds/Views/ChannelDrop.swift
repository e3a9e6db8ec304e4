public import Tensors

/// The removal of a group of features from the whole cloud, as if their sensor had failed: networks
/// read 0 for them.
///
/// The group is removed completely or not at all. In a strong view it trains students that do not
/// depend on the features (modality dropout). A cloud without the channels stays unchanged.
public struct ChannelDrop: Augmentation {
    /// The name in recipes.
    public static let name = "channel-drop"
    /// The channels of the group: `[colour, normal]`.
    public var channels: [String]
    /// The probability of the removal.
    public var probability: Float

    /// A removal of the given channels, all or none.
    public init(channels: [String], probability: Float = 0.2) {
        self.channels = channels
        self.probability = probability
    }

    /// A removal of the given channel.
    public init(channel: String, probability: Float = 0.2) {
        self.init(channels: [channel], probability: probability)
    }

    /// Checks that the probability is one and that there is a channel.
    public func check() throws {
        try require((0...1).contains(probability), "probability lies in 0 ... 1")
        try require(!channels.isEmpty, "channels names one or more")
    }

    /// A single channel or a list.
    public static let furtherSettings = ["channel", "channels"]

    /// The group.
    public var namedChannels: [String] { channels }

    /// Removes all values of the channels, or none.
    public func apply(to cloud: inout Cloud, using generator: inout CounterGenerator) {
        // Drawn before looking for the channels: the draws do not depend on what a cloud has.
        guard generator.uniform() < probability else { return }
        for place in cloud.channels.indices where channels.contains(cloud.channels[place].name) {
            let count = cloud.channels[place].values.count
            cloud.channels[place].values = [Float](repeating: .nan, count: count)
        }
    }
}

extension ChannelDrop {
    private enum CodingKeys: CodingKey { case channel, channels, probability }

    /// Reads `{channel: colour}` or `{channels: [colour, normal]}`, with a probability or without.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        let one = try values.decodeIfPresent(String.self, forKey: .channel).map { [$0] }
        let channels = try one ?? values.decode([String].self, forKey: .channels)
        self.init(channels: channels)
        if let given = try values.decodeIfPresent(Float.self, forKey: .probability) {
            probability = given
        }
    }

    /// Writes what ``init(from:)`` reads.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        if channels.count == 1 {
            try values.encode(channels[0], forKey: .channel)
        } else {
            try values.encode(channels, forKey: .channels)
        }
        try values.encode(probability, forKey: .probability)
    }
}

/// The removal of the features of some points: point dropout that keeps the points.
public struct FeatureMask: Augmentation {
    /// The name in recipes.
    public static let name = "feature-mask"
    /// The probability that a point loses its features.
    public var ratio: Float
    /// The removed features; empty for all.
    public var channels: [String]

    /// A mask over the given share of points.
    public init(ratio: Float = 0.1, channels: [String] = []) {
        self.ratio = ratio
        self.channels = channels
    }

    /// Checks that the ratio is a share.
    public func check() throws { try require((0...1).contains(ratio), "ratio lies in 0 ... 1") }

    /// The removed features; none if all are removed.
    public var namedChannels: [String] { channels }

    /// Removes the features of the drawn points.
    public func apply(to cloud: inout Cloud, using generator: inout CounterGenerator) {
        let masked = cloud.positions.indices.filter { _ in generator.uniform() < ratio }
        for place in cloud.channels.indices
        where channels.isEmpty || channels.contains(cloud.channels[place].name) {
            let width = cloud.channels[place].width
            for point in masked {
                for index in point * width..<(point + 1) * width {
                    cloud.channels[place].values[index] = .nan
                }
            }
        }
    }
}

extension FeatureMask {
    private enum CodingKeys: CodingKey { case ratio, channels }

    /// Reads `{ratio: 0.1, channels: [colour]}`, or part of it.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(channels: try values.decodeIfPresent([String].self, forKey: .channels) ?? [])
        if let given = try values.decodeIfPresent(Float.self, forKey: .ratio) { ratio = given }
    }
}
