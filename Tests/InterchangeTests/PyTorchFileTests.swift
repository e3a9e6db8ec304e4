import Foundation
import Interchange
import Networks
import PointClouds
import Tensors
import Testing
import ZipArchives

@Suite struct PyTorchFileTests {
    @Test("a state dictionary of PyTorch yields the scores of PyTorch")
    func stateDictionaryYieldsScoresOfPyTorch() throws {
        let (network, weights) = try imported("plain.pth")
        try expectScores(of: network, weights, within: 1e-4)
    }

    /// The prefix `module.` and everything beside the weights are ignored.
    @Test("a checkpoint of a distributed run yields the same network")
    func distributedCheckpointYieldsSameNetwork() throws {
        let file = try PyTorchFile(Fixture.path("distributed.pth"))
        #expect(file.wasDistributed)
        let (network, weights) = try imported("distributed.pth")
        let plain = try imported("plain.pth").weights
        #expect(weights.names == plain.names)
        for (half, single) in zip(weights, plain) {
            #expect(half.shape == single.shape)
            #expect(
                zip(half.tensor.values, single.tensor.values).allSatisfy {
                    ($0 - $1).magnitude <= 1e-3 * max(1, $1.magnitude)
                })
        }
        // The checkpoint stores half precision, which changes scores.
        try expectScores(of: network, weights, within: 0.02)
    }

    @Test("views of shared storages are gathered")
    func viewsOfSharedStoragesAreGathered() throws {
        let golden = try Fixture.golden().views
        let weights = try PyTorchFile(Fixture.path("views.pth")).weights()
        #expect(weights.count == golden.count + 1)
        for (name, values) in golden {
            #expect(weights[name]?.values == values, "\(name)")
        }
        #expect(weights["double"]?.values == [0.1, .infinity])
        #expect(weights.first { $0.name == "transposed" }?.shape == [6, 4])
        #expect(weights.first { $0.name == "scalar" }?.shape == [])
        #expect(weights.first { $0.name == "empty" }?.shape == [0, 3])
    }

    @Test("shapes of weights determine the configuration")
    func shapesDetermineConfiguration() throws {
        let file = try PyTorchFile(Fixture.path("plain.pth"))
        let found = try PointTransformerV3.Configuration(
            inferredFrom: file.entries.map { ($0.name, $0.shape) }, of: file.path)
        var expected = PointTransformerV3.Configuration()
        expected.inputChannels = 4
        expected.classes = 3
        expected.strides = [2]
        expected.encoderDepths = [1, 1]
        expected.encoderChannels = [4, 8]
        expected.encoderHeads = [1, 1]
        expected.decoderDepths = [1]
        expected.decoderChannels = [4]
        expected.decoderHeads = [1]
        #expect(found == expected.withPatchSize(1024))
    }

    @Test("the stock network is recognised")
    func stockNetworkIsRecognised() throws {
        let stock = try PointTransformerV3(.init())
        let found = try PointTransformerV3.Configuration(
            inferredFrom: stock.specifications.map { ($0.name, $0.shape) }, of: "stock.pth")
        #expect(found == stock.configuration)
    }

    @Test(
        "weights of other networks are rejected",
        arguments: [
            ("backbone.enc.enc0.block0.attn.rpe.rpe_table", "enable_rpe"),
            ("backbone.embedding.stem.norm.norm.0.weight", "pdnorm_bn"),
            ("backbone.enc.enc0.block0.norm1.0.norm.0.weight", "pdnorm_ln"),
            ("backbone.enc.enc0.block0.norm1.0.modulation.1.weight", "pdnorm_adaptive"),
            ("stem.conv.weight", "no backbone.embedding.stem.conv.weight"),
        ])
    func otherNetworkIsRejected(name: String, word: String) {
        let error = #expect(throws: SourceError.self) {
            try PointTransformerV3.Configuration(inferredFrom: [(name, [1])], of: "other.pth")
        }
        #expect(error?.description.contains(word) == true)
        #expect(error?.description.contains("other.pth") == true)
    }

    /// Unknown instructions, unknown names and inconsistent values.
    @Test("an invalid pickle is rejected with its reason", arguments: Fixture.rejected)
    func invalidPickleIsRejected(name: String) throws {
        let path = Fixture.path("refused/\(name).pth")
        let word = name.prefix { $0 != "(" }.trimmingCharacters(in: .whitespaces)
        let error = #expect(throws: SourceError.self) {
            _ = try PyTorchFile(path).weights()
        }
        let sentence = error?.description ?? ""
        #expect(sentence.contains(word), "\(sentence)")
        #expect(sentence.contains(path) && sentence.hasSuffix(".") && !sentence.contains("\n"))
    }

    // 37 of the 68 instructions are accepted; each of the others has a fixture.
    @Test("every instruction that is not accepted has a fixture")
    func everyRejectedInstructionHasFixture() {
        #expect(Fixture.rejected.count { $0.hasPrefix("instruction ") } == 31)
    }

    // MARK: -

    private func imported(
        _ name: String
    ) throws -> (network: PointTransformerV3, weights: Weights) {
        let file = try PyTorchFile(Fixture.path(name))
        let configuration = try PointTransformerV3.Configuration(
            inferredFrom: file.entries.map { ($0.name, $0.shape) }, of: file.path)
        let network = try PointTransformerV3(configuration.withPatchSize(16))
        return (network, try network.adopting(file.weights()))
    }

    private func expectScores(
        of network: PointTransformerV3, _ weights: Weights, within tolerance: Float
    ) throws {
        let golden = try Fixture.golden()
        let count = golden.cells.count / 3
        let cells = (0..<count).map {
            SIMD3(golden.cells[3 * $0], golden.cells[3 * $0 + 1], golden.cells[3 * $0 + 2])
        }
        let scene = Scene(
            features: Tensor(rows: count, columns: 4, golden.features),
            hierarchy: try network.geometry.hierarchy(gridCoordinates: [cells]))
        let scores = network(scene, ForwardContext(.evaluation, of: network, weights)).logits.values
        let worst = zip(scores, golden.scores).map { ($0 - $1).magnitude }.max() ?? .infinity
        #expect(scores.count == golden.scores.count)
        #expect(worst <= tolerance, "\(worst)")
    }
}
