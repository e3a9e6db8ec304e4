import PointClouds
import Tensors

/// Point Transformer V3 (Wu et al., "Point Transformer V3: Simpler, Faster, Stronger", CVPR 2024,
/// arXiv 2312.10035) with a linear head: a U-net over voxels whose blocks attend along
/// space-filling curves.
///
/// Parameter names, shapes and arithmetic are those of the public implementation, so that its
/// checkpoints load by name and give the same scores. Three differences are deliberate: the patches
/// of a cloud never depend on the other clouds, drop path draws for a cloud rather than for a point,
/// and curves are shuffled in training only.
public struct PointTransformerV3: ConfiguredNetwork {
    /// The settings that the network was made from.
    public let configuration: Configuration
    /// The parameters in the order of computation.
    public let specifications: [ParameterSpecification]
    private let embedding: Embedding
    private let encoder: EncoderStages
    private let decoder: DecoderStages
    private let head: Linear

    /// A network of this configuration; throws ``NetworkError`` if there can be none.
    public init(_ configuration: Configuration) throws(NetworkError) {
        try configuration.validate()
        self.configuration = configuration
        let scope = ParameterScope()
        let backbone = scope["backbone"]
        embedding = Embedding(
            backbone["embedding"], inputs: configuration.inputChannels,
            outputs: configuration.encoder[0].channels)
        encoder = EncoderStages(backbone["enc"], configuration)
        decoder = DecoderStages(backbone["dec"], configuration)
        head = Linear(
            scope["seg_head"], inputs: configuration.decoder[0].channels,
            outputs: configuration.classes)
        specifications = scope.declared
    }

    /// The strides and curves of the configuration; the curves of a cloud depend on no other cloud.
    public var geometry: SceneGeometry {
        SceneGeometry(
            strides: configuration.strides, orders: configuration.orders,
            depthRule: DepthRule(measure: configuration.depthMeasure))
    }

    /// Every encoder stage from fine to coarse, then every decoder stage back.
    public var taps: [TapDescription] {
        configuration.encoder.enumerated().map {
            TapDescription(tap: .encoder($0.offset), width: $0.element.channels)
        }
            + configuration.decoder.enumerated().reversed().map {
                TapDescription(tap: .decoder($0.offset), width: $0.element.channels)
            }
    }

    /// The class scores of every voxel of the scene.
    public func callAsFunction(_ scene: Scene, _ context: ForwardContext) -> NetworkOutputs {
        precondition(
            scene.features.columns == inputChannels,
            "\(scene.features.columns) features a voxel for a network that reads \(inputChannels).")
        let places = StagePlace.all(
            of: scene.hierarchy, context, shuffles: configuration.shufflesOrders)
        let embedded = embedding(scene.features, at: places[0], context)  // n x enc0 channels
        let encoded = encoder(embedded, at: places, context)
        let decoded = decoder(encoded, at: places, context)
        let last = decoded[decoded.count - 1].features  // n x dec0 channels
        let features = context.taps.map { tap in
            switch tap {
            case .encoder(let stage): (tap: tap, tensor: encoded[stage])
            case .decoder(let stage):
                (tap: tap, tensor: decoded[decoded.count - 1 - stage].features)
            }
        }
        return NetworkOutputs(logits: head(last, context), features: features)
    }
}
