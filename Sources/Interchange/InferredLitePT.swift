package import Networks

extension LitePT.Configuration: InferredConfiguration {
    /// Infers the configuration of a public LitePT from the shapes of its weights.
    ///
    /// Names determine which stages convolve and attend, shapes the rest but for ``assumed``: heads are
    /// assumed to have 18 channels, as in all published configurations.
    package init(
        inferredFrom shapes: some Sequence<(name: String, shape: [Int])>, of path: String
    ) throws {
        let weights = ShapesByName(shapes, path: path)
        self.init()
        let stem = try weights.stem()
        inputChannels = stem.inputs
        classes = try weights.shape("seg_head.weight", dimensions: 2)[0]
        let channels = try weights.encoderChannels(from: stem.channels)
        func stage(_ name: String, _ channels: Int) -> LitePT.Stage {
            LitePT.Stage(
                depth: weights.blocks(of: name, with: ["conv.0.weight", "norm0.0.weight"]),
                channels: channels, heads: channels % 18 == 0 ? channels / 18 : 1,
                convolves: weights.has("\(name).block0.conv.0.weight"),
                attends: weights.has("\(name).block0.attn.qkv.weight"))
        }
        encoder = channels.enumerated().map { stage("backbone.enc.enc\($0.offset)", $0.element) }
        decoder = try weights.decoderChannels(channels.count - 1).enumerated().map {
            stage("backbone.dec.dec\($0.offset)", $0.element)
        }
        strides = decoder.map { _ in 2 }
        mlpRatio = weights.mlpRatio ?? mlpRatio
    }

    /// Settings that shapes do not determine and that are assumed to be the stock ones.
    package static let assumed =
        "heads (one for 18 channels), patch sizes, strides, curves and the base of rotations"

    /// The heads of a part that attends with channels that are no multiple of 18.
    package var undetermined: [String] {
        func isUnusual(_ stages: [LitePT.Stage]) -> Bool {
            stages.contains { $0.attends && $0.channels % 18 != 0 }
        }
        return (isUnusual(encoder) ? ["enc_num_head"] : [])
            + (isUnusual(decoder) ? ["dec_num_head"] : [])
    }

    /// Lists the differences between two configurations in settings that shapes determine.
    ///
    /// - Parameter name: name of the other configuration in the descriptions.
    package func differences(from other: Self, named name: String) -> [String] {
        var differences = Differences(from: name)
        func compare<Value: Equatable>(_ key: String, _ value: (LitePT.Stage) -> Value) {
            differences.compare("enc_" + key, encoder.map(value), other.encoder.map(value))
            differences.compare("dec_" + key, decoder.map(value), other.decoder.map(value))
        }
        differences.compare("in_channels", inputChannels, other.inputChannels)
        differences.compare("num_classes", classes, other.classes)
        compare("channels", \.channels)
        compare("depths", \.depth)
        // A stage without blocks neither convolves nor attends.
        compare("conv", { $0.depth > 0 && $0.convolves })
        compare("attn", { $0.depth > 0 && $0.attends })
        differences.compare("mlp_ratio", mlpRatio, other.mlpRatio)
        return differences.sentences
    }
}
