import NetworkTesting
import Networks
import PointClouds
import Tensors
import Testing

@Suite struct ContractTests {
    @Test func pointTransformerKeepsTheContract() throws {
        try checkNetwork(PointTransformerV3(small))
    }

    @Test func contractHoldsWithOtherStridesAndOneCurve() throws {
        var configuration = small
        configuration.strides = [4, 2]
        configuration.orders = [.hilbert]
        configuration.mlpRatio = 1.5
        configuration.encoderDepths = [1, 0, 1]
        try checkNetwork(PointTransformerV3(configuration), voxels: [200, 60, 5])
    }

    @Test func laterVersionsKeepTheContract() throws {
        var configuration = small
        configuration.version = .m2
        configuration.layerScale = 0.5
        configuration.strides = [3, 2]
        try checkNetwork(PointTransformerV3(configuration))
        configuration.isEncoderOnly = true
        try checkNetwork(PointTransformerV3(configuration), voxels: [200, 60, 5])
        configuration.version = .m3
        configuration.encoderChannels = [12, 24, 24]
        try checkNetwork(PointTransformerV3(configuration))
    }

    @Test func contractHoldsForAHeadOfCosines() throws {
        var configuration = small
        configuration.embeddingWidth = 12
        try checkNetwork(PointTransformerV3(configuration))
    }

    @Test func litePTKeepsTheContract() throws {
        try checkNetwork(LitePT(smallLite))
    }

    /// Convolution and attention in one block, attention in a decoder, a stage without either, and a
    /// stride that is no power of two.
    @Test func contractHoldsForEveryKindOfLitePTBlock() throws {
        var configuration = smallLite
        configuration.strides = [3, 2]
        configuration.orders = [.hilbert, .z]
        configuration.encoder[1].convolves = true
        configuration.encoder[1].attends = false
        configuration.encoder[2].convolves = true
        configuration.decoder[0].depth = 1
        configuration.decoder[1].depth = 2
        configuration.decoder[1].attends = true
        try checkNetwork(LitePT(configuration), voxels: [200, 60, 5])
    }

    @Test func faultyNetworkIsRejected() throws {
        let faulty = Shifting(network: try PointTransformerV3(small))
        #expect(throws: NetworkContractViolation.self) { try checkNetwork(faulty) }
    }

    /// The scores of a cloud in evaluation do not depend on the other clouds.
    @Test func scoresDoNotDependOnBatchMates() throws {
        let network = try PointTransformerV3(small)
        let weights = network.initialWeights(seed: 5)
        func scores(_ voxels: [Int]) throws -> [Float] {
            let scene = try Scene(for: network, voxels: voxels, seed: 9)
            return network(scene, ForwardContext(.evaluation, of: network, weights)).logits.values
        }
        let alone = try scores([150])
        let scale = alone.reduce(0) { max($0, $1.magnitude) }
        for voxels in [[150, 90], [150, 1], [150, 33, 200]] {
            let difference = zip(alone, try scores(voxels)).reduce(0) {
                max($0, ($1.0 - $1.1).magnitude)
            }
            #expect(difference <= 1e-6 * max(scale, 1), "beside \(voxels): \(difference)")
        }
    }
}

/// Three stages, two heads, patches smaller than the clouds.
var small: PointTransformerV3.Configuration {
    var configuration = PointTransformerV3.Configuration()
    configuration.inputChannels = 4
    configuration.classes = 5
    configuration.strides = [2, 2]
    configuration.encoderDepths = [1, 2, 1]
    configuration.encoderChannels = [8, 16, 16]
    configuration.encoderHeads = [1, 2, 2]
    configuration.decoderDepths = [1, 1]
    configuration.decoderChannels = [16, 16]
    configuration.decoderHeads = [2, 2]
    return configuration.withPatchSize(32)
}

/// Three stages; the first convolves, the others attend with patches smaller than the clouds.
var smallLite: LitePT.Configuration {
    var configuration = LitePT.Configuration()
    configuration.classes = 5
    configuration.strides = [2, 2]
    configuration.encoder = [(1, 8, 1), (2, 12, 2), (1, 36, 2)].map { depth, channels, heads in
        LitePT.Stage(
            depth: depth, channels: channels, heads: heads, convolves: channels == 8,
            attends: channels != 8)
    }
    configuration.decoder = (0..<2).map { _ in
        LitePT.Stage(depth: 0, channels: 12, heads: 1, convolves: false, attends: false)
    }
    for stage in configuration.encoder.indices { configuration.encoder[stage].patchSize = 32 }
    for stage in configuration.decoder.indices { configuration.decoder[stage].patchSize = 32 }
    return configuration
}

/// A network whose evaluation mixes the clouds of a scene.
private struct Shifting: Network {
    let network: PointTransformerV3
    var specifications: [ParameterSpecification] { network.specifications }
    var geometry: SceneGeometry { network.geometry }
    var inputChannels: Int { network.inputChannels }
    var classes: Int { network.classes }
    var taps: [TapDescription] { [] }

    func callAsFunction(_ scene: Scene, _ context: ForwardContext) -> NetworkOutputs {
        let logits = network(scene, context).logits
        let mean = logits.values.reduce(0, +) / Float(logits.count)
        let shift = Tensor(rows: logits.rows, columns: logits.columns, filledWith: mean)
        return NetworkOutputs(logits: logits + shift, features: [])
    }
}
