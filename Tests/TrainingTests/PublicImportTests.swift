import Checkpoints
import Foundation
import Interchange
import Networks
import PointClouds
import Tensors
import Testing
import Training

/// Weights under the names that public programs give them.
@Suite struct PublicImportTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "import-\(UUID())")

    init() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    private func encoder(_ version: PointTransformerV3.Version) throws -> PointTransformerV3 {
        var configuration = PointTransformerV3.Configuration()
        configuration.version = version
        configuration.isEncoderOnly = true
        configuration.inputChannels = 4
        configuration.classes = 3
        configuration.strides = [3]
        configuration.encoderDepths = [1, 1]
        configuration.encoderChannels = [18, 36]
        configuration.encoderHeads = [1, 2]
        configuration.layerScale = version == .m2 ? 0.5 : nil
        return try PointTransformerV3(configuration.withPatchSize(16))
    }

    /// Writes weights and returns the file's path.
    private func write(_ name: String, _ weights: [NamedTensor]) throws -> String {
        let path = folder.appending(path: name + ".safetensors").path
        try SafetensorsWriter.write(Weights(weights), to: path, metadata: [:])
        return path
    }

    private func renamed(
        _ weights: some Sequence<NamedTensor>, _ change: (String) -> String
    ) -> [NamedTensor] {
        weights.map { weight in
            var weight = weight
            weight.name = change(weight.name)
            return weight
        }
    }

    private func settings(_ text: String) throws -> String {
        let path = folder.appending(path: "network.yaml").path
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    private func expect(_ words: [String], _ body: () throws -> ImportedModel) {
        let error = #expect(throws: (any Error).self) { try body() }
        for word in words { #expect("\(error!)".contains(word), "\(error!)") }
    }

    private let network = "{enc_num_head: [1, 2], stride: [3], patch_size: 16, order: [z]}"

    @Test("an encoder with bare names takes its head from another file")
    func bareEncoderTakesHead() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let made = try encoder(.m2)
        let weights = made.initialWeights(seed: 3)
        let ofHead = weights.filter { $0.name.hasPrefix("seg_head.") }
        var bare = renamed(weights.filter { !$0.name.hasPrefix("seg_head.") }) {
            String($0.dropFirst("backbone.".count))
        }
        bare.append(
            NamedTensor(
                name: "embedding.mask_token", shape: [1, 18],
                tensor: Tensor(rows: 1, columns: 18, filledWith: 9)))
        let (file, head) = (try write("encoder", bare), try write("head", ofHead))
        let config = try settings(network)
        let model = try ImportedModel(file, configuration: config, head: head).model
        let read = try #require(model.network as? PointTransformerV3)
        #expect(read.configuration.version == .m2 && read.configuration.isEncoderOnly)
        #expect(read.specifications.map(\.name) == made.specifications.map(\.name))
        for (ours, theirs) in zip(model.weights, weights) {
            #expect(ours.name == theirs.name && ours.tensor.values == theirs.tensor.values)
        }
        expect(["encoder.safetensors", "without a head", "--head"]) {
            try ImportedModel(file, configuration: config)
        }
        expect(["has no seg_head.weight"]) {
            try ImportedModel(file, configuration: config, head: file)
        }
        let whole = try write("whole", Array(weights))
        expect(["whole.safetensors", "has a head of its own", "leave out --head"]) {
            try ImportedModel(whole, configuration: config, head: head)
        }
    }

    @Test("the student is read out of a checkpoint of pre-training")
    func studentOfPretrainingIsRead() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let weights = try encoder(.m2).initialWeights(seed: 4)
        let backbone = weights.filter { $0.name.hasPrefix("backbone.") }
        let other = Tensor(rows: 1, columns: 1, filledWith: 1)
        let file = try write(
            "pretraining",
            renamed(backbone) { "module.student." + $0 }
                + renamed(backbone) { "module.teacher." + $0 }
                + ["student.mask_head.0.weight", "patch_proj.weight"].map {
                    NamedTensor(name: "module." + $0, shape: [1, 1], tensor: other)
                })
        let head = try write("head", weights.filter { $0.name.hasPrefix("seg_head.") })
        let model = try ImportedModel(file, configuration: settings(network), head: head).model
        #expect(model.weights.map(\.name) == weights.map(\.name))
    }

    @Test("frequencies of rotary positions tell version and heads, and are not kept")
    func rotaryFrequenciesAreNotKept() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let weights = try encoder(.m3).initialWeights(seed: 5)
        func constants(base: Double) -> [NamedTensor] {
            let frequencies = RotaryAngles.frequencies(base: base, pairs: 3).map { Float($0) }
            return (0..<2).map { stage in
                NamedTensor(
                    name: "backbone.enc.enc\(stage).block0.attn.rope.inv_freq", shape: [3],
                    tensor: Tensor(rows: 1, columns: 3, frequencies))
            }
        }
        let file = try write("utonia", Array(weights) + constants(base: 10_000))
        let model = try ImportedModel(file).model
        let read = try #require(model.network as? PointTransformerV3)
        #expect(read.configuration.version == .m3)
        #expect(read.configuration.encoderHeads == [1, 2])
        #expect(model.weights.map(\.name) == weights.map(\.name))
        let decoder = NamedTensor(
            name: "backbone.dec.dec0.block0.attn.rope.inv_freq", shape: [3],
            tensor: constants(base: 10_000)[0].tensor)
        let rotating = try write(
            "rotating", Array(weights) + constants(base: 10_000) + [decoder])
        let other = try write("other", Array(weights) + constants(base: 10))
        expect(["other.safetensors", "give rope_base: 10.0"]) { try ImportedModel(other) }
        let told = try ImportedModel(other, configuration: settings("rope_base: 10")).model
        #expect((told.network as? PointTransformerV3)?.configuration.rotaryBase == 10)
        expect(["rotary positions in the decoder", "not implemented"]) {
            try ImportedModel(rotating)
        }
    }

    @Test("low-rank adapters are merged")
    func adaptersAreMerged() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let weights = try encoder(.m2).initialWeights(seed: 6)
        let adapted = "backbone.enc.enc0.block0.attn.qkv"
        func named(_ name: String) -> String {
            guard name.hasPrefix("backbone.enc.") else { return name }
            let inner = "backbone.enc.base_model.model." + name.dropFirst("backbone.enc.".count)
            return name.hasPrefix(adapted)
                ? inner.replacing("qkv.", with: "qkv.base_layer.") : inner
        }
        let a = Tensor(rows: 2, columns: 18, (0..<36).map { Float($0 % 7) - 3 })
        let b = Tensor(rows: 54, columns: 2, (0..<108).map { Float($0 % 5) / 8 - 0.25 })
        let prefix = "backbone.enc.base_model.model.enc0.block0.attn.qkv.lora_"
        let factors = [
            NamedTensor(name: prefix + "A.default.weight", shape: [2, 18], tensor: a),
            NamedTensor(name: prefix + "B.default.weight", shape: [54, 2], tensor: b),
        ]
        let file = try write("lora", renamed(weights, named) + factors)
        let config = try settings(network)
        for alpha: Float in [16, 4] {
            let model = try ImportedModel(file, configuration: config, alpha: alpha).model
            #expect(model.weights.map(\.name) == weights.map(\.name))
            for (ours, theirs) in zip(model.weights, weights) {
                let expected =
                    ours.name == adapted + ".weight"
                    ? (theirs.tensor + b.matmul(a).scaled(by: alpha / 2)) : theirs.tensor
                #expect(ours.tensor.values == expected.values, "\(ours.name)")
            }
        }
        let half = try write("half", renamed(weights, named) + factors.prefix(1))
        expect(["half.safetensors", "lora_A and lora_B"]) {
            try ImportedModel(half, configuration: config)
        }
    }

    private func plainNetwork() throws -> PointTransformerV3 {
        var configuration = PointTransformerV3.Configuration()
        configuration.inputChannels = 4
        configuration.classes = 3
        configuration.strides = [2]
        configuration.encoderDepths = [1, 1]
        configuration.encoderChannels = [16, 32]
        configuration.encoderHeads = [1, 2]
        configuration.decoderDepths = [1]
        configuration.decoderChannels = [16]
        configuration.decoderHeads = [1]
        return try PointTransformerV3(configuration.withPatchSize(16))
    }

    /// Weights of three data sets: each norm and head thrice, the copies times 1, 2 and 3.
    private func prompted(_ weights: Weights) -> [NamedTensor] {
        let marks = [
            "stem.norm.", "down.norm.0.", "cpe.2.", "norm1.0.", "norm2.0.", "proj.1.",
            "proj_skip.1.",
        ]
        return weights.flatMap { weight -> [NamedTensor] in
            let name = weight.name
            let mark = marks.first { name.contains($0) && !name.contains("attn.") }
            func copies(_ named: (Int) -> String) -> [NamedTensor] {
                (0..<3).map { number in
                    NamedTensor(
                        name: named(number), shape: weight.shape,
                        tensor: weight.tensor.scaled(by: Float(number + 1)))
                }
            }
            if name.hasPrefix("seg_head.") {
                return copies { "seg_heads.\($0)." + name.dropFirst("seg_head.".count) }
            }
            return mark.map { mark in
                copies { name.replacing(mark, with: mark + "norm.\($0).") }
            } ?? [weight]
        }
    }

    @Test("a network of several data sets folds into that of one")
    func severalDataSetsFoldIntoOne() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let weights = try plainNetwork().initialWeights(seed: 7)
        let file = try write("ppt", prompted(weights))
        // Norms are in the order ScanNet, S3DIS, Structured3D; heads begin with Structured3D.
        for (dataSet, norm, head) in [("ScanNet", 1, 2), ("S3DIS", 2, 3), ("Structured3D", 3, 1)] {
            let model = try ImportedModel(file, dataSet: (dataSet, PromptFold.DataSets())).model
            #expect(model.weights.map { $0.name } == weights.map { $0.name })
            for (ours, theirs) in zip(model.weights, weights) {
                let isNorm = prompted(Weights([theirs])).count == 3
                let factor = theirs.name.hasPrefix("seg_head.") ? head : isNorm ? norm : 1
                let expected = theirs.tensor.scaled(by: Float(factor)).values
                #expect(ours.tensor.values == expected, "\(ours.name) of \(dataSet)")
            }
        }
        expect(["several data sets", "--condition", "S3DIS"]) { try ImportedModel(file) }
        expect(["--condition is KITTI", "ScanNet, S3DIS, Structured3D"]) {
            try ImportedModel(file, dataSet: ("KITTI", PromptFold.DataSets()))
        }
        var two = PromptFold.DataSets()
        two.norms = ["ScanNet", "S3DIS"]
        expect(["3 data sets", "--norm-conditions"]) {
            try ImportedModel(file, dataSet: ("ScanNet", two))
        }
        let plain = try write("plain", Array(weights))
        expect(["of one data set", "leave out --condition"]) {
            try ImportedModel(plain, dataSet: ("ScanNet", PromptFold.DataSets()))
        }
    }

    /// Positions are costly to gather.
    @Test func laterVersionsReadPositionsOnlyWhereTheyNeedThem() throws {
        #expect(try !encoder(.m2).geometry.usesPositions)
        #expect(try encoder(.m3).geometry.usesPositions)
        var wrong = try encoder(.m3).configuration
        wrong.encoderHeads = [2, 4]
        let error = #expect(throws: NetworkError.self) { try PointTransformerV3(wrong) }
        #expect(error?.description.contains("multiple of 6") == true)
    }
}
