import ZipArchives

/// Shapes of a public network's weights by name.
struct ShapesByName {
    private var shapes: [String: [Int]] = [:]
    private(set) var order: [String] = []
    let path: String

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

    /// Counts the blocks of a stage, which have one of these weights each.
    func blocks(of stage: String, with weights: [String] = ["attn.qkv.weight"]) -> Int {
        var count = 0
        while weights.contains(where: { has("\(stage).block\(count).\($0)") }) { count += 1 }
        return count
    }

    /// The inputs of a point and the channels of the stem, a linear map or a convolution of five cells a
    /// side.
    func stem(isLinear: Bool = false) throws -> (inputs: Int, channels: Int) {
        if isLinear {
            let stem = try shape("backbone.embedding.stem.linear.weight", dimensions: 2)
            return (stem[1], stem[0])
        }
        let stem = try shape("backbone.embedding.stem.conv.weight", dimensions: 5)
        guard stem[1...3].allSatisfy({ $0 == 5 }) else {
            throw SourceError(
                "The stem of \(path) is a convolution of shape \(stem): it must be 5 x 5 x 5 in the "
                    + "order of spconv 2 (outputs, x, y, z, inputs).")
        }
        return (stem[4], stem[0])
    }

    /// The channels of the encoder's stages, from those of the stem on.
    func encoderChannels(from stem: Int) throws -> [Int] {
        var channels = [stem]
        while has("backbone.enc.enc\(channels.count).down.proj.weight") {
            let name = "backbone.enc.enc\(channels.count).down.proj.weight"
            channels.append(try shape(name, dimensions: 2)[0])
        }
        return channels
    }

    /// The channels of the decoder's stages, of which there are `count`.
    func decoderChannels(_ count: Int) throws -> [Int] {
        try (0..<count).map {
            try shape("backbone.dec.dec\($0).up.proj.0.weight", dimensions: 2)[0]
        }
    }

    /// Hidden channels of a block's MLP for each of its channels; nil without one.
    var mlpRatio: Double? {
        guard let mlp = first(endingIn: ".mlp.0.fc1.weight"), mlp.count == 2, mlp[1] > 0 else {
            return nil
        }
        return Double(mlp[0]) / Double(mlp[1])
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
                "The weights in \(path) have no \(name): give those of a Point Transformer V3 or a "
                    + "LitePT with a segmentation head; these begin with \(known).")
        }
        guard shape.count == dimensions, shape.allSatisfy({ $0 > 0 }) else {
            throw SourceError(
                "\(name) in \(path) has the shape \(shape): it must have \(dimensions) dimensions.")
        }
        return shape
    }
}
