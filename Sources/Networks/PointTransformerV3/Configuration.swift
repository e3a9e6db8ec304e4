public import PointClouds

extension PointTransformerV3 {
    /// The shape of a Point Transformer V3.
    ///
    /// In files its keys are those of the public implementation (`enc_channels`, `dec_depths`,
    /// `patch_size`, …), so a configuration carries over from there; see ``init(from:)``.
    public struct Configuration: NetworkConfiguration {
        /// The version of the network.
        public var version = Version.m1
        /// Features of a point.
        public var inputChannels = 6
        /// Class scores of a point.
        public var classes = 20
        /// The curves that the blocks of a stage take in turn.
        public var orders: [CurveOrder] = [.z, .zTransposed, .hilbert, .hilbertTransposed]
        /// The rule for the number of levels of the curves: the standalone repository's rule, or that
        /// of Pointcept's main repository, for weights trained there.
        public var depthMeasure = DepthRule.Measure.largestCoordinate
        /// The factors by which the grid coarsens from stage to stage: powers of two, one fewer than stages.
        public var strides = [2, 2, 2, 2]
        /// Blocks of each encoder stage, finest first.
        public var encoderDepths = [2, 2, 2, 6, 2]
        /// Channels of each encoder stage.
        public var encoderChannels = [32, 64, 128, 256, 512]
        /// Attention heads of each encoder stage.
        public var encoderHeads = [2, 4, 8, 16, 32]
        /// The most points of a patch at each encoder stage.
        public var encoderPatchSizes = [1024, 1024, 1024, 1024, 1024]
        /// Blocks of each decoder stage, finest first (it computes last).
        public var decoderDepths = [2, 2, 2, 2]
        /// Channels of each decoder stage.
        public var decoderChannels = [64, 64, 128, 256]
        /// Attention heads of each decoder stage.
        public var decoderHeads = [4, 4, 8, 16]
        /// The most points of a patch at each decoder stage.
        public var decoderPatchSizes = [1024, 1024, 1024, 1024]
        /// Hidden channels of a block's MLP for each of its channels.
        public var mlpRatio = 4.0
        /// The drop-path rate of the block that has the highest.
        public var dropPath = 0.3
        /// Whether training permutes the curves of every stage at every step.
        public var shufflesOrders = true
        /// The first factor of the channels of a block's branches, from version m2 on; nil for none.
        public var layerScale: Double?
        /// Whether there is no decoder, so that the head reads the features of all encoder stages, from
        /// version m2 on.
        public var isEncoderOnly = false
        /// The base of the rotations of queries and keys in the encoder, version m3.
        public var rotaryBase = 10_000.0

        /// Channels that a head of cosines projects features to; nil for a linear head.
        public var embeddingWidth: Int?

        /// The stock configuration, 46.2 million parameters.
        public init() {}

        /// The configuration with every stage's patch size set to `size`.
        public func withPatchSize(_ size: Int) -> Self {
            var copy = self
            // By channels: the lists must have one entry for each stage of this configuration.
            copy.encoderPatchSizes = encoderChannels.map { _ in size }
            copy.decoderPatchSizes = decoderChannels.map { _ in size }
            return copy
        }
    }

    /// The versions of the public implementation.
    public enum Version: String, Sendable, Hashable, Codable {
        /// The published one: batch normalisation, a convolution as stem, inherited curves.
        case m1
        /// That of Sonata and Concerto: layer normalisation, a linear stem, curves of each stage's own
        /// grid, and decoders that convolve the sum of both branches.
        case m2
        /// That of Utonia: m2 with rotary positions in the encoder.
        case m3
    }

    /// One stage as its blocks see it.
    struct Stage: Sendable {
        let depth: Int
        let channels: Int
        let heads: Int
        let patchSize: Int
        /// Channels between the two matrices of the MLP.
        let hidden: Int
        let layerScale: Double?
    }
}

extension PointTransformerV3.Configuration {
    /// The encoder's stages, finest first; the lists must be of one length.
    var encoder: [PointTransformerV3.Stage] {
        encoderDepths.indices.map {
            stage(encoderDepths[$0], encoderChannels[$0], encoderHeads[$0], encoderPatchSizes[$0])
        }
    }

    /// The decoder's stages, finest first, none without a decoder; the lists must be of one length.
    var decoder: [PointTransformerV3.Stage] {
        isEncoderOnly
            ? []
            : decoderDepths.indices.map {
                stage(
                    decoderDepths[$0], decoderChannels[$0], decoderHeads[$0], decoderPatchSizes[$0])
            }
    }

    /// The normalisation between stages.
    var norm: StageNorm.Kind { version == .m1 ? .batch : .layer }

    private func stage(
        _ depth: Int, _ channels: Int, _ heads: Int, _ patchSize: Int
    ) -> PointTransformerV3.Stage {
        .init(
            depth: depth, channels: channels, heads: heads, patchSize: patchSize,
            hidden: Int(Double(channels) * mlpRatio), layerScale: layerScale)
    }
}
