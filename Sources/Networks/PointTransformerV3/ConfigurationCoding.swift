import PointClouds
import Spelling

// A configuration in files: the public implementation's keys, absent ones taken from a preset.

extension PointTransformerV3.Configuration {
    /// Every key a configuration may have.
    private enum Key: String, CodingKey, CaseIterable {
        case preset
        case inputChannels = "in_channels"
        case classes = "num_classes"
        case orders = "order"
        case depthMeasure = "depth_measure"
        case strides = "stride"
        case encoderDepths = "enc_depths"
        case encoderChannels = "enc_channels"
        case encoderHeads = "enc_num_head"
        case encoderPatchSizes = "enc_patch_size"
        case decoderDepths = "dec_depths"
        case decoderChannels = "dec_channels"
        case decoderHeads = "dec_num_head"
        case decoderPatchSizes = "dec_patch_size"
        case patchSize = "patch_size"
        case mlpRatio = "mlp_ratio"
        case dropPath = "drop_path"
        case shufflesOrders = "shuffle_orders"
        case version
        case layerScale = "layer_scale"
        case isEncoderOnly = "enc_mode"
        case rotaryBase = "rope_base"
        case embeddingWidth = "cosine_head"

        /// Settings of the public implementation of which only one value is supported.
        case positionTable = "enable_rpe"
        case queryBias = "qkv_bias"
        case normBefore = "pre_norm"
        case classification = "cls_mode"
        case batchNormByData = "pdnorm_bn"
        case layerNormByData = "pdnorm_ln"
        case decoderRotates = "dec_rope_enable"
        /// Settings of the public implementation that change its speed or precision, not its result.
        case flash = "enable_flash"
        case upcastAttention = "upcast_attention"
        case upcastSoftmax = "upcast_softmax"
        /// Settings of pre-training, which change no result of segmentation.
        case traceable
        case maskToken = "mask_token"
        case freezesEncoder = "freeze_encoder"
        case shifts = "shift_coords"
        case jitters = "jitter_coords"
        case rescales = "rescale_coords"
    }

    /// The supported values of the settings that have only one.
    private static let fixed: [(key: Key, value: Bool)] = [
        (.positionTable, false), (.queryBias, true), (.normBefore, true), (.classification, false),
        (.batchNormByData, false), (.layerNormByData, false),
    ]

    /// Reads a configuration.
    ///
    /// `preset` names the initial configuration (``presets``; the stock configuration without it);
    /// every other key replaces one value. `patch_size` sets all stages at once, and `order` may be
    /// a single curve. Switches of the public implementation may be given with the value that is
    /// supported here (`enable_rpe: false`, `pre_norm: true`, …). A key of any other name is an
    /// error, except `network`, which ``NetworkRecipe`` reads.
    public init(from decoder: any Decoder) throws {
        try refuseUnknownKeys(
            in: decoder, known: [NetworkRecipe.networkKey] + Key.allCases.map(\.rawValue),
            section: "The network")
        let container = try decoder.container(keyedBy: Key.self)
        self = try container.preset(.preset, of: Self.presets) ?? Self()
        for (key, offered) in Self.fixed { try container.check(key, isOnly: offered) }
        try container.read(.inputChannels, into: &inputChannels)
        try container.read(.classes, into: &classes)
        try container.readCurves(.orders, into: &orders)
        try container.read(.depthMeasure, into: &depthMeasure)
        try container.read(.strides, into: &strides)
        try container.read(.encoderDepths, into: &encoderDepths)
        try container.read(.encoderChannels, into: &encoderChannels)
        try container.read(.encoderHeads, into: &encoderHeads)
        try container.read(.decoderDepths, into: &decoderDepths)
        try container.read(.decoderChannels, into: &decoderChannels)
        try container.read(.decoderHeads, into: &decoderHeads)
        // After the channels, which decide the number of stages, and before single stages' sizes.
        if let size = try container.decodeIfPresent(Int.self, forKey: .patchSize) {
            self = withPatchSize(size)
        }
        try container.read(.encoderPatchSizes, into: &encoderPatchSizes)
        try container.read(.decoderPatchSizes, into: &decoderPatchSizes)
        try container.read(.mlpRatio, into: &mlpRatio)
        try container.read(.dropPath, into: &dropPath)
        try container.read(.shufflesOrders, into: &shufflesOrders)
        try container.read(.version, into: &version)
        try container.read(.layerScale, into: &layerScale)
        try container.read(.isEncoderOnly, into: &isEncoderOnly)
        try container.read(.rotaryBase, into: &rotaryBase)
        try container.read(.embeddingWidth, into: &embeddingWidth)
        // Says nothing about a network without decoder.
        if !isEncoderOnly { try container.check(.decoderRotates, isOnly: false) }
    }

    /// Writes every value under its key.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(inputChannels, forKey: .inputChannels)
        try container.encode(classes, forKey: .classes)
        try container.encode(orders, forKey: .orders)
        try container.encode(depthMeasure, forKey: .depthMeasure)
        try container.encode(strides, forKey: .strides)
        try container.encode(encoderDepths, forKey: .encoderDepths)
        try container.encode(encoderChannels, forKey: .encoderChannels)
        try container.encode(encoderHeads, forKey: .encoderHeads)
        try container.encode(encoderPatchSizes, forKey: .encoderPatchSizes)
        try container.encode(decoderDepths, forKey: .decoderDepths)
        try container.encode(decoderChannels, forKey: .decoderChannels)
        try container.encode(decoderHeads, forKey: .decoderHeads)
        try container.encode(decoderPatchSizes, forKey: .decoderPatchSizes)
        try container.encode(mlpRatio, forKey: .mlpRatio)
        try container.encode(dropPath, forKey: .dropPath)
        try container.encode(shufflesOrders, forKey: .shufflesOrders)
        try container.encodeIfPresent(embeddingWidth, forKey: .embeddingWidth)
        // The first version has none of these, nor did earlier versions of this program.
        guard version != .m1 else { return }
        try container.encode(version, forKey: .version)
        try container.encodeIfPresent(layerScale, forKey: .layerScale)
        try container.encode(isEncoderOnly, forKey: .isEncoderOnly)
        try container.encode(rotaryBase, forKey: .rotaryBase)
    }
}
