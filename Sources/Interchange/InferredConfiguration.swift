package import Networks
import ZipArchives

/// A configuration of a public network that shapes of weights determine but for a few settings.
package protocol InferredConfiguration: NetworkConfiguration {
    /// Settings that shapes do not determine and that are assumed to be the stock ones.
    static var assumed: String { get }
    /// Keys of settings that have no usual value for these shapes, so that the caller must state them.
    var undetermined: [String] { get }
    /// Infers the configuration from names and shapes of weights, without the prefix `module.`.
    init(inferredFrom shapes: some Sequence<(name: String, shape: [Int])>, of path: String) throws
    /// Lists the differences between two configurations in settings that shapes determine.
    func differences(from other: Self, named name: String) -> [String]
}

/// The public networks whose weights can be told apart by their names.
package enum PublicNetwork {
    /// Point Transformer V3, first version.
    case pointTransformerV3
    /// LitePT.
    case litePT

    /// The network that has weights of these names.
    package init(of names: some Sequence<String>) {
        let marks = [".block0.conv.0.weight", ".block0.norm0.0.weight"]
        let isLitePT = names.contains { name in marks.contains { name.hasSuffix($0) } }
        self = isLitePT ? .litePT : .pointTransformerV3
    }
}

extension PointTransformerV3.Configuration: InferredConfiguration {
    /// Infers the configuration of a public Point Transformer V3 from the shapes of its weights.
    ///
    /// Names determine the version and whether there is a decoder, shapes the stages, blocks, channels,
    /// classes, inputs and the width of the MLPs, and in version m3 the heads. Otherwise these are
    /// assumed to be one per 16 channels, as in all published configurations; patch sizes, strides and
    /// curves are assumed to be the stock ones.
    ///
    /// - Parameters:
    ///   - shapes: names and shapes of weights, without the prefix `module.`.
    ///   - path: path of the file, for messages.
    package init(
        inferredFrom shapes: some Sequence<(name: String, shape: [Int])>, of path: String
    ) throws {
        let weights = ShapesByName(shapes, path: path)
        try weights.checkVariant()
        self.init()
        version = weights.version
        let stem = try weights.stem(isLinear: version != .m1)
        inputChannels = stem.inputs
        if weights.has("class_embedding") {
            classes = try weights.shape("class_embedding", dimensions: 2)[0]
            embeddingWidth = try weights.shape("proj_head.weight", dimensions: 2)[0]
        } else {
            classes = try weights.shape("seg_head.weight", dimensions: 2)[0]
        }
        encoderChannels = try weights.encoderChannels(from: stem.channels)
        encoderDepths = encoderChannels.indices.map {
            weights.blocks(of: "backbone.enc.enc\($0)")
        }
        isEncoderOnly = !weights.has("backbone.dec.dec0.up.proj.0.weight") && version != .m1
        layerScale = weights.has("backbone.enc.enc0.block0.ls1.0.gamma") ? 1 : nil
        decoderChannels =
            isEncoderOnly
            ? Array(decoderChannels.prefix(encoderChannels.count - 1))
            : try weights.decoderChannels(encoderChannels.count - 1)
        decoderDepths = decoderChannels.indices.map {
            weights.blocks(of: "backbone.dec.dec\($0)")
        }
        strides = decoderChannels.map { _ in 2 }
        let headWidth = weights.first(endingIn: ".attn.rope.inv_freq").map { 6 * ($0.first ?? 0) }
        encoderHeads = try encoderChannels.map { try Self.heads(of: $0, headWidth, path: path) }
        decoderHeads = try decoderChannels.map { try Self.heads(of: $0, headWidth, path: path) }
        mlpRatio = weights.mlpRatio ?? mlpRatio
        self = withPatchSize(encoderPatchSizes[0])
    }

    /// Settings that shapes do not determine and that are assumed to be the stock ones.
    package static let assumed =
        "heads (one for 16 channels), patch sizes, strides, curves and their depth"

    /// The heads of a part with stages of more than 16 channels that are no multiple of 16: networks
    /// of another head width have the same shapes, and would attend with one wide head.
    package var undetermined: [String] {
        func isUnusual(_ channels: [Int], _ depths: [Int]) -> Bool {
            zip(channels, depths).contains { $0 > 16 && $0 % 16 != 0 && $1 > 0 }
        }
        // The frequencies of rotary positions tell the width of a head.
        guard version != .m3 else { return [] }
        return (isUnusual(encoderChannels, encoderDepths) ? ["enc_num_head"] : [])
            + (isUnusual(decoderChannels, decoderDepths) && !isEncoderOnly ? ["dec_num_head"] : [])
    }

    private static func heads(
        of channels: Int, _ headWidth: Int?, path: String
    ) throws -> Int {
        guard channels > 0 else {
            throw SourceError(
                "A stage of the weights in \(path) has no channels: copy the file again.")
        }
        let width = headWidth.map { $0 > 0 ? $0 : 16 } ?? 16
        return channels % width == 0 ? channels / width : 1
    }

    /// Lists the differences between two configurations in settings that shapes determine.
    ///
    /// - Parameter name: name of the other configuration in the descriptions.
    package func differences(from other: Self, named name: String) -> [String] {
        var differences = Differences(from: name)
        differences.compare("version", version.rawValue, other.version.rawValue)
        differences.compare(
            "cosine_head", embeddingWidth.map { "\($0)" } ?? "none",
            other.embeddingWidth.map { "\($0)" } ?? "none")
        differences.compare("enc_mode", isEncoderOnly, other.isEncoderOnly)
        differences.compare("layer_scale is set", layerScale != nil, other.layerScale != nil)
        differences.compare("in_channels", inputChannels, other.inputChannels)
        differences.compare("num_classes", classes, other.classes)
        differences.compare("enc_channels", encoderChannels, other.encoderChannels)
        differences.compare("enc_depths", encoderDepths, other.encoderDepths)
        if !isEncoderOnly {
            differences.compare("dec_channels", decoderChannels, other.decoderChannels)
            differences.compare("dec_depths", decoderDepths, other.decoderDepths)
        }
        differences.compare("mlp_ratio", mlpRatio, other.mlpRatio)
        return differences.sentences
    }
}

/// The differences of two configurations, in words.
struct Differences {
    private let name: String
    private(set) var sentences: [String] = []

    /// Differences from the configuration of this name.
    init(from name: String) { self.name = name }

    mutating func compare<Value: Equatable>(_ key: String, _ mine: Value, _ theirs: Value) {
        if mine != theirs { sentences.append("\(key) is \(mine) here and \(theirs) in \(name)") }
    }
}

extension ShapesByName {
    /// The version of Point Transformer V3 that has weights of these names.
    var version: PointTransformerV3.Version {
        if first(endingIn: ".attn.rope.inv_freq") != nil { return .m3 }
        return has("backbone.embedding.stem.linear.weight") ? .m2 : .m1
    }

    /// Throws for variants of the network that are not implemented, recognised by names of weights.
    // Otherwise such weights could be read as those of the plain network, with other scores.
    func checkVariant() throws {
        let variants = [
            (".rpe.", "a table of relative positions (enable_rpe)"),
            (".modulation.", "norms modulated per data set (pdnorm_adaptive)"),
            (".norm1.0.norm.", "layer norms per data set (pdnorm_ln)"),
            (".stem.norm.norm.", "batch norms per data set (pdnorm_bn)"),
        ]
        if let name = order.first(where: {
            $0.hasPrefix("backbone.dec.") && $0.hasSuffix(".rope.inv_freq")
        }) {
            throw SourceError(
                "The weights in \(path) are of a Point Transformer V3 with rotary positions in the decoder "
                    + "(dec_rope_enable), which is not implemented: they have \(name.prefix(200)).")
        }
        for (mark, what) in variants {
            if let name = order.first(where: { $0.contains(mark) }) {
                throw SourceError(
                    "The weights in \(path) are of a Point Transformer V3 with \(what), which is "
                        + "not implemented: they have \(name.prefix(200)).")
            }
        }
    }
}
