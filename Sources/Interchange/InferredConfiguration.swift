package import Networks
import ZipArchives

extension PointTransformerV3.Configuration {
    /// Infers the configuration of a public Point Transformer V3 from the shapes of its weights.
    ///
    /// Shapes determine stages, blocks, channels, classes, inputs and the width of the MLPs. Heads are
    /// assumed to be one per 16 channels, as in all published configurations; patch sizes, strides and
    /// curves are assumed to be the stock ones.
    ///
    /// - Parameters:
    ///   - shapes: names and shapes of weights, without the prefix `module.`.
    ///   - path: path of the file, for messages.
    package init(
        inferredFrom shapes: some Sequence<(name: String, shape: [Int])>, of path: String
    ) throws {
        let weights = PublicWeights(shapes, path: path)
        try weights.checkVariant()
        self.init()
        let stem = try weights.shape("backbone.embedding.stem.conv.weight", dimensions: 5)
        guard stem[1...3].allSatisfy({ $0 == 5 }) else {
            throw SourceError(
                "The stem of \(path) is a convolution of shape \(stem): it must be 5 x 5 x 5 in the "
                    + "order of spconv 2 (outputs, x, y, z, inputs).")
        }
        inputChannels = stem[4]
        classes = try weights.shape("seg_head.weight", dimensions: 2)[0]
        encoderChannels = [stem[0]]
        while weights.has("backbone.enc.enc\(encoderChannels.count).down.proj.weight") {
            let name = "backbone.enc.enc\(encoderChannels.count).down.proj.weight"
            encoderChannels.append(try weights.shape(name, dimensions: 2)[0])
        }
        encoderDepths = encoderChannels.indices.map {
            weights.blocks(of: "backbone.enc.enc\($0)")
        }
        decoderChannels = try (0..<encoderChannels.count - 1).map {
            try weights.shape("backbone.dec.dec\($0).up.proj.0.weight", dimensions: 2)[0]
        }
        decoderDepths = decoderChannels.indices.map {
            weights.blocks(of: "backbone.dec.dec\($0)")
        }
        strides = decoderChannels.map { _ in 2 }
        encoderHeads = try encoderChannels.map { try Self.heads(of: $0, path: path) }
        decoderHeads = try decoderChannels.map { try Self.heads(of: $0, path: path) }
        if let mlp = weights.first(endingIn: ".mlp.0.fc1.weight"), mlp.count == 2, mlp[1] > 0 {
            mlpRatio = Double(mlp[0]) / Double(mlp[1])
        }
        self = withPatchSize(encoderPatchSizes[0])
    }

    /// Settings that shapes do not determine and that are assumed to be the stock ones.
    package static let assumed =
        "heads (one for 16 channels), patch sizes, strides, curves and their depth"

    private static func heads(of channels: Int, path: String) throws -> Int {
        guard channels > 0 else {
            throw SourceError(
                "A stage of the weights in \(path) has no channels: copy the file again.")
        }
        return channels % 16 == 0 ? channels / 16 : 1
    }

    /// Lists the differences between two configurations in settings that shapes determine.
    ///
    /// - Parameter name: name of the other configuration in the descriptions.
    package func differences(from other: Self, named name: String) -> [String] {
        var differences: [String] = []
        func compare<Value: Equatable>(_ key: String, _ mine: Value, _ theirs: Value) {
            if mine != theirs {
                differences.append("\(key) is \(mine) here and \(theirs) in \(name)")
            }
        }
        compare("in_channels", inputChannels, other.inputChannels)
        compare("num_classes", classes, other.classes)
        compare("enc_channels", encoderChannels, other.encoderChannels)
        compare("enc_depths", encoderDepths, other.encoderDepths)
        compare("dec_channels", decoderChannels, other.decoderChannels)
        compare("dec_depths", decoderDepths, other.decoderDepths)
        compare("mlp_ratio", mlpRatio, other.mlpRatio)
        return differences
    }
}

/// Shapes of a public network's weights by name.
private struct PublicWeights {
    private var shapes: [String: [Int]] = [:]
    private var order: [String] = []
    private let path: String

    init(_ named: some Sequence<(name: String, shape: [Int])>, path: String) {
        self.path = path
        for (name, shape) in named where shapes.updateValue(shape, forKey: name) == nil {
            order.append(name)
        }
    }

    func has(_ name: String) -> Bool { shapes[name] != nil }

    func first(endingIn end: String) -> [Int]? {
        order.first { $0.hasSuffix(end) }.flatMap { shapes[$0] }
    }

    /// Counts the blocks of a stage.
    func blocks(of stage: String) -> Int {
        var count = 0
        while has("\(stage).block\(count).attn.qkv.weight") { count += 1 }
        return count
    }

    func shape(_ name: String, dimensions: Int) throws -> [Int] {
        guard let shape = shapes[name] else {
            // Frameworks keep a model under a name of their own.
            if let longer = order.first(where: { $0.hasSuffix("." + name) }) {
                let prefix = longer.dropLast(name.count)
                throw SourceError(
                    "The names of the weights in \(path) begin with '\(prefix)': give --prefix "
                        + "\(prefix) to read those below it.")
            }
            let known = order.prefix(3).joined(separator: ", ").prefix(300)
            throw SourceError(
                "The weights in \(path) have no \(name): give those of a Point Transformer V3 with a "
                    + "segmentation head; these begin with \(known).")
        }
        guard shape.count == dimensions, shape.allSatisfy({ $0 > 0 }) else {
            throw SourceError(
                "\(name) in \(path) has the shape \(shape): it must have \(dimensions) dimensions.")
        }
        return shape
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
        for (mark, what) in variants {
            if let name = order.first(where: { $0.contains(mark) }) {
                throw SourceError(
                    "The weights in \(path) are of a Point Transformer V3 with \(what), which is "
                        + "not implemented: they have \(name.prefix(200)).")
            }
        }
    }
}
