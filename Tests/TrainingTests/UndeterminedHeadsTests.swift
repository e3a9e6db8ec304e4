import Checkpoints
import Foundation
import Networks
import Testing
import Training

/// Weights have the same shapes for any number of heads.
@Suite struct UndeterminedHeadsTests {
    /// Imports initial weights of a network, with a configuration file or without.
    private func imported(_ network: some ConfiguredNetwork, _ settings: String?) throws
        -> any Network
    {
        let folder = FileManager.default.temporaryDirectory.appending(path: "heads-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (weights, file) = (
            folder.appending(path: "weights.safetensors").path,
            folder.appending(path: "network.yaml").path
        )
        try SafetensorsWriter.write(network.initialWeights(seed: 1), to: weights, metadata: [:])
        try settings?.write(toFile: file, atomically: true, encoding: .utf8)
        return try ImportedModel(weights, configuration: settings == nil ? nil : file).model.network
    }

    private var wide: PointTransformerV3 {
        get throws {
            var configuration = PointTransformerV3.Configuration()
            configuration.strides = [2]
            configuration.encoderDepths = [1, 1]
            configuration.encoderChannels = [16, 54]
            configuration.encoderHeads = [1, 3]
            configuration.decoderDepths = [1]
            configuration.decoderChannels = [32]
            configuration.decoderHeads = [2]
            return try PointTransformerV3(configuration.withPatchSize(16))
        }
    }

    private var lite: LitePT {
        get throws {
            var configuration = LitePT.Configuration()
            configuration.strides = [2]
            configuration.encoder = [
                LitePT.Stage(depth: 1, channels: 8, heads: 1, convolves: true, attends: false),
                LitePT.Stage(depth: 1, channels: 24, heads: 2, convolves: false, attends: true),
            ]
            configuration.decoder = [
                LitePT.Stage(depth: 1, channels: 30, heads: 5, convolves: false, attends: true)
            ]
            return try LitePT(configuration)
        }
    }

    @Test("unusual channels need the number of heads", arguments: [nil, "patch_size: 16"])
    func unusualChannelsNeedHeads(settings: String?) throws {
        let ofWide = #expect(throws: ModelError.self) { try imported(wide, settings) }
        #expect(ofWide?.description.contains("give enc_num_head in the file of --config") == true)
        let ofLite = #expect(throws: ModelError.self) { try imported(lite, settings) }
        #expect(ofLite?.description.contains("give enc_num_head and dec_num_head in") == true)
    }

    @Test("stated heads are taken") func statedHeadsAreTaken() throws {
        let network = try imported(wide, "enc_num_head: [1, 3]") as? PointTransformerV3
        #expect(network?.configuration.encoderHeads == [1, 3])
        #expect(network?.configuration.decoderHeads == [2])
    }

    @Test("stages that do not attend need no heads") func convolvingStagesNeedNoHeads() throws {
        let network =
            try imported(
                lite, "enc_num_head: [1, 2]\ndec_num_head: [5]") as? LitePT
        #expect(network?.configuration.encoder.map(\.heads) == [1, 2])
        var plain = try lite.configuration
        plain.encoder[1] = LitePT.Stage(
            depth: 1, channels: 36, heads: 2, convolves: false, attends: true)
        plain.decoder[0].attends = false
        let inferred = try imported(LitePT(plain), nil) as? LitePT
        #expect(inferred?.configuration.encoder.map(\.heads) == [1, 2])
    }
}
