import PointClouds
import Tensors

/// Point Transformer V3 (Wu et al., "Point Transformer V3: Simpler, Faster, Stronger", CVPR 2024,
/// arXiv 2312.10035) with a linear head: a U-net over voxels whose blocks attend along
/// space-filling curves.
///
/// Parameter names, shapes and arithmetic are those of the public implementation, so that its
/// checkpoints load by name and give the same scores. Three differences are deliberate: the patches
/// of a cloud never depend on the other clouds, drop path draws for a cloud rather than for a point,
/// and curves are shuffled in training only. ``Version`` names the versions of Sonata, Concerto and
/// Utonia, whose pooled voxels are numbered along the first curve here, which no score depends on.
public struct PointTransformerV3: ConfiguredNetwork {
    /// The settings that the network was made from.
    public let configuration: Configuration
    /// The parameters in the order of computation.
    public let specifications: [ParameterSpecification]
    private let embedding: Embedding
    private let encoder: EncoderStages
    private let decoder: DecoderStages
    private let head: Head

    private enum Head: Sendable {
        case linear(Linear)
        case cosine(CosineHead)
    }

    /// A network of this configuration; throws ``NetworkError`` if there can be none.
    public init(_ configuration: Configuration) throws(NetworkError) {
        try configuration.validate()
        self.configuration = configuration
        let scope = ParameterScope()
        let backbone = scope["backbone"]
        embedding = Embedding(
            backbone["embedding"], inputs: configuration.inputChannels,
            outputs: configuration.encoder[0].channels, norm: configuration.norm)
        encoder = EncoderStages(backbone["enc"], configuration)
        decoder = DecoderStages(backbone["dec"], configuration)
        let shapes = configuration.encoder
        let inputs = configuration.decoder.first?.channels ?? shapes.reduce(0) { $0 + $1.channels }
        head =
            configuration.embeddingWidth.map {
                .cosine(
                    CosineHead(scope, inputs: inputs, width: $0, classes: configuration.classes))
            }
            ?? .linear(
                Linear(scope["seg_head"], inputs: inputs, outputs: configuration.classes))
        specifications = scope.declared
    }

    /// The strides and curves of the configuration; the curves of a cloud depend on no other cloud.
    public var geometry: SceneGeometry {
        let isFirst = configuration.version == .m1
        return SceneGeometry(
            strides: configuration.strides, orders: configuration.orders,
            depthRule: DepthRule(measure: isFirst ? configuration.depthMeasure : .cellsPerSide),
            stageCurves: isFirst
                ? .inherited : .own(attending: configuration.encoder.map { _ in true }),
            usesPositions: configuration.version == .m3)
    }

    /// Every encoder stage from fine to coarse, then every decoder stage back.
    public var taps: [TapDescription] {
        .init(
            encoder: configuration.encoder.map(\.channels),
            decoder: configuration.decoder.map(\.channels))
    }

    /// The class scores of every voxel of the scene.
    public func callAsFunction(_ scene: Scene, _ context: ForwardContext) -> NetworkOutputs {
        precondition(
            scene.features.columns == inputChannels,
            "\(scene.features.columns) features a voxel for a network that reads \(inputChannels).")
        let places = StagePlace.all(
            of: scene.hierarchy, context, shuffles: configuration.shufflesOrders)
        let embedded = embedding(scene.features, at: places[0], context)  // n x enc0 channels
        let encoded = encoder(
            embedded, at: places, context, rotatedBy: rotations(of: scene))
        let decoded = decoder(encoded, at: places, context)
        let logits =
            switch head {
            case .cosine(let head): head(decoded[decoded.count - 1].features, context)
            case .linear(let head):
                decoded.last.map { head($0.features, context) }  // n x dec0 channels
                    ?? scores(of: encoded, by: head, at: places, context)
            }
        let features = context.taps.map { tap in
            switch tap {
            case .encoder(let stage): (tap: tap, tensor: encoded[stage])
            case .decoder(let stage):
                (tap: tap, tensor: decoded[decoded.count - 1 - stage].features)
            }
        }
        return NetworkOutputs(logits: logits, features: features)
    }

    /// The head over the features of all stages, each brought back to the finest voxels.
    ///
    /// `[x0 x1 …] Wᵀ + b` is the sum over the stages of `x Wᵀ` for their columns of W, so that no row of all
    /// channels exists: coarse scores are added stage by stage.
    private func scores(
        of encoded: [Tensor], by head: Linear, at places: [StagePlace], _ context: ForwardContext
    ) -> Tensor {
        let weight = context[head.weight]
        var end = weight.columns
        var scores: Tensor?
        for (stage, x) in encoded.enumerated().reversed() {
            let part = weight.columns(end - x.columns..<end)
            end -= x.columns
            let coarser = scores.map { scores in
                guard let pooling = places[stage + 1].stage.pooling else {
                    preconditionFailure("A coarser stage pools.")
                }
                return scores.gatherRows(segments: pooling)
            }
            scores = x.linear(
                part, bias: stage == 0 ? head.bias.map { context[$0] } : nil, addedTo: coarser)
        }
        return scores!
    }

    /// The rotations of every encoder stage; none before version m3.
    private func rotations(of scene: Scene) -> [RotaryAngles] {
        guard configuration.version == .m3 else { return [] }
        precondition(
            scene.positions.count == scene.features.rows,
            "A scene of \(scene.features.rows) voxels with \(scene.positions.count) positions.")
        var positions = scene.positions
        return zip(configuration.encoder, scene.hierarchy.stages).map { shape, stage in
            positions = stage.pooled(positions: positions)
            // Rounded as networks store them.
            let frequencies = RotaryAngles.frequencies(
                base: configuration.rotaryBase, pairs: shape.channels / shape.heads / 6)
            return RotaryAngles(positions: positions, frequencies: frequencies.map { Float($0) })
        }
    }
}
