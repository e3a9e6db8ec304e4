public import PointClouds

extension LitePT {
    /// One stage as its blocks see it.
    public struct Stage: Sendable, Hashable {
        /// Blocks.
        public var depth: Int
        /// Channels.
        public var channels: Int
        /// Attention heads; used where the stage attends.
        public var heads: Int
        /// The most points of a patch.
        public var patchSize = 1024
        /// Whether blocks begin with a convolution.
        public var convolves: Bool
        /// Whether blocks attend.
        public var attends: Bool
        /// The base of the rotations of queries and keys.
        public var rotaryBase = 100.0

        /// A stage of the given blocks.
        public init(depth: Int, channels: Int, heads: Int, convolves: Bool, attends: Bool) {
            self.depth = depth
            self.channels = channels
            self.heads = heads
            self.convolves = convolves
            self.attends = attends
        }
    }

    /// The shape of a LitePT.
    ///
    /// In files its keys are those of the public implementation (`enc_channels`, `enc_conv`, …), so a
    /// configuration carries over from there; see ``init(from:)``.
    public struct Configuration: NetworkConfiguration {
        /// Features of a point.
        public var inputChannels = 4
        /// Class scores of a point.
        public var classes = 20
        /// The curves that the blocks of a stage take in turn.
        public var orders: [CurveOrder] = [.z, .zTransposed, .hilbert, .hilbertTransposed]
        /// The factors by which the grid coarsens from stage to stage, one fewer than stages.
        public var strides = [2, 2, 2, 2]
        /// The encoder's stages, finest first.
        public var encoder: [Stage]
        /// The decoder's stages, finest first (it computes last).
        public var decoder: [Stage]
        /// Hidden channels of a block's MLP for each of its channels.
        public var mlpRatio = 4.0
        /// The drop-path rate of the block that has the highest.
        public var dropPath = 0.3
        /// Whether training permutes the curves of every stage at every step.
        public var shufflesOrders = true

        /// The stock configuration, LitePT-S: 12.7 million parameters.
        public init() {
            self.init(
                depths: [2, 2, 2, 6, 2], channels: [36, 72, 144, 252, 504],
                decoderChannels: [72, 72, 144, 252])
        }

        /// A configuration whose first three stages convolve, whose others attend with heads of 18
        /// channels, and whose decoder has no blocks.
        init(depths: [Int], channels: [Int], decoderChannels: [Int]) {
            func heads(_ channels: Int) -> Int { max(channels / 18, 1) }
            encoder = depths.indices.map { s in
                Stage(
                    depth: depths[s], channels: channels[s], heads: heads(channels[s]),
                    convolves: s < 3, attends: s >= 3)
            }
            decoder = decoderChannels.map {
                Stage(depth: 0, channels: $0, heads: heads($0), convolves: false, attends: false)
            }
        }
    }
}

extension LitePT.Configuration {
    /// The named configurations, largest first.
    ///
    /// Channels of a point and classes are the stock ones (4 and 20), to be replaced by the data's.
    public static let presets: [(name: String, configuration: Self)] = [
        ("litept-s", .init()),
        (
            "lite-small",
            .init(
                depths: [1, 1, 2, 2, 1], channels: [24, 48, 96, 198, 306],
                decoderChannels: [48, 48, 96, 198])
        ),
        (
            "lite-tiny",
            .init(
                depths: [1, 1, 1, 2, 1], channels: [16, 32, 64, 126, 198],
                decoderChannels: [32, 32, 64, 126])
        ),
    ]

    /// The names of ``presets``.
    public static var presetNames: [String] { presets.map(\.name) }

    /// The configuration of a preset; nil if there is none of this name.
    public static func preset(_ name: String) -> Self? {
        presets.first { $0.name == name }?.configuration
    }
}

// MARK: - Validation

extension LitePT.Configuration {
    /// Throws one sentence if no network of this configuration is possible.
    public func validate() throws(NetworkError) {
        try checkSharedSettings(
            of: self, curves: orders.count, mlpRatio: mlpRatio, dropPath: dropPath)
        try require(
            encoder.count >= 2,
            "enc_channels names \(encoder.count) stages; there must be at least 2."
        )
        try require(
            strides.count == encoder.count - 1,
            "stride has \(strides.count) entries; it must have \(encoder.count - 1), one fewer than "
                + "enc_channels has.")
        try require(
            decoder.count == encoder.count - 1,
            "dec_channels has \(decoder.count) entries; it must have \(encoder.count - 1), one fewer "
                + "than enc_channels has.")
        for stride in strides {
            try require(stride >= 1, "stride holds \(stride); a stride is at least 1.")
            try requireAtMost(LargestSettings.stride, stride, "An entry of stride")
        }
        for (s, stage) in encoder.enumerated() { try check(stage, s, of: "enc") }
        for (s, stage) in decoder.enumerated() { try check(stage, s, of: "dec") }
    }

    private func check(_ stage: LitePT.Stage, _ s: Int, of part: String) throws(NetworkError) {
        let place = "of stage \(part)\(s)"
        try require(stage.depth >= 0, "\(part)_depths \(place) is \(stage.depth), below 0.")
        try require(
            stage.channels > 0, "\(part)_channels \(place) is \(stage.channels), below 1.")
        try requireAtMost(LargestSettings.depth, stage.depth, "\(part)_depths \(place)")
        try requireAtMost(LargestSettings.channels, stage.channels, "\(part)_channels \(place)")
        try require(
            stage.patchSize > 0, "\(part)_patch_size \(place) is \(stage.patchSize), below 1.")
        try requireAtMost(
            LargestSettings.patchSize, stage.patchSize, "\(part)_patch_size \(place)")
        try checkRotaryBase(stage.rotaryBase, "\(part)_rope_freq \(place)")
        guard stage.attends else { return }
        try require(stage.heads > 0, "\(part)_num_head \(place) is \(stage.heads), below 1.")
        try checkRotation(
            of: stage.channels, heads: stage.heads, stage: "\(part)\(s)", part: part)
        try require(
            Int(Double(stage.channels) * mlpRatio) > 0,
            "mlp_ratio \(mlpRatio) leaves the MLP \(place) without a hidden channel; raise it.")
    }
}
