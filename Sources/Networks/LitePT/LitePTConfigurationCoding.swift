import PointClouds
import Spelling

// A configuration in files: the public implementation's keys, absent ones taken from a preset.

extension LitePT.Configuration {
    /// Every key a configuration may have.
    private enum Key: String, CodingKey, CaseIterable {
        case preset
        case inputChannels = "in_channels"
        case classes = "num_classes"
        case orders = "order"
        case strides = "stride"
        case encoderDepths = "enc_depths"
        case encoderChannels = "enc_channels"
        case encoderHeads = "enc_num_head"
        case encoderPatchSizes = "enc_patch_size"
        case encoderConvolves = "enc_conv"
        case encoderAttends = "enc_attn"
        case encoderBases = "enc_rope_freq"
        case decoderDepths = "dec_depths"
        case decoderChannels = "dec_channels"
        case decoderHeads = "dec_num_head"
        case decoderPatchSizes = "dec_patch_size"
        case decoderConvolves = "dec_conv"
        case decoderAttends = "dec_attn"
        case decoderBases = "dec_rope_freq"
        case patchSize = "patch_size"
        case mlpRatio = "mlp_ratio"
        case dropPath = "drop_path"
        case shufflesOrders = "shuffle_orders"

        /// Settings of the public implementation of which only one value is supported.
        case queryBias = "qkv_bias"
        case normBefore = "pre_norm"
        case encoderOnly = "enc_mode"
    }

    /// The supported values of the settings that have only one.
    private static let fixed: [(key: Key, value: Bool)] = [
        (.queryBias, true), (.normBefore, true), (.encoderOnly, false),
    ]

    private typealias Stages = WritableKeyPath<Self, [LitePT.Stage]>

    /// Reads a configuration.
    ///
    /// `preset` names the initial configuration (``presets``; the stock configuration without it);
    /// every other key replaces one value, and lists have one entry for each stage. `patch_size` sets
    /// all stages at once, and `order` may be a single curve. A key of any other name is an error,
    /// except `network`, which ``NetworkRecipe`` reads.
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
        try container.read(.strides, into: &strides)
        /// Reads one value of each stage; `counting` decides the number of stages.
        func readList<Value: Decodable>(
            _ key: Key, _ stages: Stages, _ value: WritableKeyPath<LitePT.Stage, Value>,
            counting: Bool = false
        ) throws {
            guard let list = try container.decodeIfPresent([Value].self, forKey: key) else {
                return
            }
            if counting, let last = self[keyPath: stages].last {
                let present = self[keyPath: stages].prefix(list.count)
                self[keyPath: stages] =
                    present + Array(repeating: last, count: list.count - present.count)
            }
            guard list.count == self[keyPath: stages].count else {
                throw container.refusal(
                    of: key,
                    "\(key.rawValue) has \(list.count) entries; it must have "
                        + "\(self[keyPath: stages].count), one for each stage.")
            }
            for (place, entry) in list.enumerated() {
                self[keyPath: stages][place][keyPath: value] = entry
            }
        }
        try readList(.encoderChannels, \.encoder, \.channels, counting: true)
        try readList(.encoderDepths, \.encoder, \.depth)
        try readList(.encoderHeads, \.encoder, \.heads)
        try readList(.encoderConvolves, \.encoder, \.convolves)
        try readList(.encoderAttends, \.encoder, \.attends)
        try readList(.encoderBases, \.encoder, \.rotaryBase)
        try readList(.decoderChannels, \.decoder, \.channels, counting: true)
        try readList(.decoderDepths, \.decoder, \.depth)
        try readList(.decoderHeads, \.decoder, \.heads)
        try readList(.decoderConvolves, \.decoder, \.convolves)
        try readList(.decoderAttends, \.decoder, \.attends)
        try readList(.decoderBases, \.decoder, \.rotaryBase)
        // After the channels, which decide the number of stages, and before single stages' sizes.
        if let size = try container.decodeIfPresent(Int.self, forKey: .patchSize) {
            for place in encoder.indices { encoder[place].patchSize = size }
            for place in self.decoder.indices { self.decoder[place].patchSize = size }
        }
        try readList(.encoderPatchSizes, \.encoder, \.patchSize)
        try readList(.decoderPatchSizes, \.decoder, \.patchSize)
        try container.read(.mlpRatio, into: &mlpRatio)
        try container.read(.dropPath, into: &dropPath)
        try container.read(.shufflesOrders, into: &shufflesOrders)
    }

    /// Writes every value under its key.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(inputChannels, forKey: .inputChannels)
        try container.encode(classes, forKey: .classes)
        try container.encode(orders, forKey: .orders)
        try container.encode(strides, forKey: .strides)
        let shape = (encoder: self.encoder, decoder: decoder)
        try container.encode(shape.encoder.map(\.depth), forKey: .encoderDepths)
        try container.encode(shape.encoder.map(\.channels), forKey: .encoderChannels)
        try container.encode(shape.encoder.map(\.heads), forKey: .encoderHeads)
        try container.encode(shape.encoder.map(\.patchSize), forKey: .encoderPatchSizes)
        try container.encode(shape.encoder.map(\.convolves), forKey: .encoderConvolves)
        try container.encode(shape.encoder.map(\.attends), forKey: .encoderAttends)
        try container.encode(shape.encoder.map(\.rotaryBase), forKey: .encoderBases)
        try container.encode(shape.decoder.map(\.depth), forKey: .decoderDepths)
        try container.encode(shape.decoder.map(\.channels), forKey: .decoderChannels)
        try container.encode(shape.decoder.map(\.heads), forKey: .decoderHeads)
        try container.encode(shape.decoder.map(\.patchSize), forKey: .decoderPatchSizes)
        try container.encode(shape.decoder.map(\.convolves), forKey: .decoderConvolves)
        try container.encode(shape.decoder.map(\.attends), forKey: .decoderAttends)
        try container.encode(shape.decoder.map(\.rotaryBase), forKey: .decoderBases)
        try container.encode(mlpRatio, forKey: .mlpRatio)
        try container.encode(dropPath, forKey: .dropPath)
        try container.encode(shufflesOrders, forKey: .shufflesOrders)
    }
}
