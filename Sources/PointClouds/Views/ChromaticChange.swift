public import Tensors

/// A change of contrast, brightness and noise of a channel with values between 0 and 1.
///
/// A cloud without the channel stays unchanged.
public struct ChromaticChange: Augmentation {
    /// The name in recipes.
    public static let name = "chromatic-change"
    /// The channel: `colour`, `intensity`.
    public var channel: String
    /// The maximum share of the fully stretched contrast, 0 to 1.
    public var contrast: Float
    /// The maximum shift of all values of a component together.
    public var shift: Float
    /// The standard deviation of the noise on each value.
    public var noise: Float

    /// A change of the given channel.
    public init(
        channel: String = "colour", contrast: Float = 0.5, shift: Float = 0.05, noise: Float = 0.02
    ) {
        self.channel = channel
        self.contrast = contrast
        self.shift = shift
        self.noise = noise
    }

    /// Checks shares and deviations.
    public func check() throws {
        try require((0...1).contains(contrast), "contrast is a share, 0 ... 1")
        try require(shift >= 0 && noise >= 0, "shift and noise must not be negative")
    }

    /// The channel.
    public var namedChannels: [String] { [channel] }

    /// Changes the values of the channel and keeps them between 0 and 1; values that another
    /// augmentation has removed stay removed.
    public func apply(to cloud: inout Cloud, using generator: inout CounterGenerator) {
        let blend = contrast * generator.uniform()
        guard let place = cloud.channels.firstIndex(where: { $0.name == channel }) else { return }
        let width = cloud.channels[place].width
        var values = cloud.channels[place].values
        // A second reference to the array would make the loop copy it.
        cloud.channels[place].values = []
        for component in 0..<width {
            let moved = shift == 0 ? 0 : generator.uniform(in: -shift...shift)
            let indices = stride(from: component, to: values.count, by: width)
            var least = Float.infinity
            var greatest = -Float.infinity
            for index in indices {
                least = min(least, values[index])
                greatest = max(greatest, values[index])
            }
            let stretch = greatest > least ? 1 / (greatest - least) : 0
            for index in indices {
                let value = values[index]
                let stretched = stretch > 0 ? (value - least) * stretch : value
                var changed = value + blend * (stretched - value) + moved
                if noise > 0 { changed += noise * generator.normal() }
                values[index] = value.isNaN ? value : max(0, min(1, changed))
            }
        }
        cloud.channels[place].values = values
    }
}
