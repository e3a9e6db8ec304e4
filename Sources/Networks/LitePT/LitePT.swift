public import PointClouds
import Tensors

/// LitePT (Yue et al., "LitePT: Lighter Yet Stronger Point Transformer", arXiv 2512.13689) with a
/// linear head: a U-net over voxels that convolves where voxels are many and attends where they are few.
///
/// Parameter names, shapes and arithmetic are those of the public implementation, so that its
/// checkpoints load by name and give the same scores; its attention computes in half precision, this
/// one in Float32. The deliberate differences are those of ``PointTransformerV3``, and pooled voxels are
/// numbered along the first curve rather than by coordinate, which no score depends on.
public struct LitePT: ConfiguredNetwork {
    /// The settings that the network was made from.
    public let configuration: Configuration
    /// The parameters in the order of computation.
    public let specifications: [ParameterSpecification]
    private let embedding: Embedding
    private let encoder: [(down: GridPooling?, blocks: [Block])]
    /// The stages in the order of computation: the coarsest first.
    private let decoder: [(stage: Int, up: GridUnpooling, blocks: [Block])]
    private let head: Linear

    /// A network of this configuration; throws ``NetworkError`` if there can be none.
    public init(_ configuration: Configuration) throws(NetworkError) {
        try configuration.validate()
        self.configuration = configuration
        let scope = ParameterScope()
        let backbone = scope["backbone"]
        let shapes = (encoder: configuration.encoder, decoder: configuration.decoder)
        embedding = Embedding(
            backbone["embedding"], inputs: configuration.inputChannels,
            outputs: shapes.encoder[0].channels)
        let rising = DropPath.rising(
            to: configuration.dropPath, depths: shapes.encoder.map(\.depth))
        encoder = shapes.encoder.indices.map { s in
            let scope = backbone["enc"]["enc\(s)"]
            let down =
                s == 0
                ? nil
                : GridPooling(
                    scope["down"], inputs: shapes.encoder[s - 1].channels,
                    outputs: shapes.encoder[s].channels)
            let blocks = (0..<shapes.encoder[s].depth).map { i in
                Block(scope, i, configuration, shapes.encoder[s], dropPath: rising[s][i])
            }
            return (down, blocks)
        }
        let falling = DropPath.falling(
            to: configuration.dropPath, depths: shapes.decoder.map(\.depth))
        decoder = shapes.decoder.indices.reversed().map { s in
            let scope = backbone["dec"]["dec\(s)"]
            let coarser =
                s == shapes.decoder.count - 1 ? shapes.encoder[s + 1] : shapes.decoder[s + 1]
            let up = GridUnpooling(
                scope["up"], inputs: coarser.channels, skip: shapes.encoder[s].channels,
                outputs: shapes.decoder[s].channels)
            let blocks = (0..<shapes.decoder[s].depth).map { i in
                Block(scope, i, configuration, shapes.decoder[s], dropPath: falling[s][i])
            }
            return (s, up, blocks)
        }
        head = Linear(
            scope["seg_head"], inputs: shapes.decoder[0].channels, outputs: configuration.classes)
        specifications = scope.declared
    }

    /// The strides and curves of the configuration, with curves of their own where stages attend.
    public var geometry: SceneGeometry {
        SceneGeometry(
            strides: configuration.strides, orders: configuration.orders,
            depthRule: DepthRule(measure: .cellsPerSide),
            stageCurves: .own(
                attending: configuration.encoder.indices.map { s in
                    configuration.encoder[s].attends
                        || s < configuration.decoder.count && configuration.decoder[s].attends
                }))
    }

    /// Every encoder stage from fine to coarse, then every decoder stage back.
    public var taps: [TapDescription] {
        .init(
            encoder: configuration.encoder.map(\.channels),
            decoder: configuration.decoder.map(\.channels))
    }

    /// `embedding`, `enc0`, …, `dec0` or `seg_head`.
    public func part(of path: String) -> String { StagedPart.name(of: path) }

    /// The cost of every part, each weight counted at its stage, and attention.
    public func costs(on hierarchy: PointHierarchy) -> [PartCost] {
        stagedCosts(on: hierarchy) { tap in
            switch tap {
            case .encoder(let stage): configuration.encoder[stage].patchSize
            case .decoder(let stage): configuration.decoder[stage].patchSize
            }
        }
    }

    /// The class scores of every voxel of the scene.
    public func callAsFunction(_ scene: Scene, _ context: ForwardContext) -> NetworkOutputs {
        precondition(
            scene.features.columns == inputChannels,
            "\(scene.features.columns) features a voxel for a network that reads \(inputChannels).")
        let places = StagePlace.all(
            of: scene.hierarchy, context, shuffles: configuration.shufflesOrders)
        var x = embedding(scene.features, at: places[0], context)  // n x enc0 channels
        var features: [Tap: Tensor] = [:]
        var encoded: [Tensor] = []
        for (s, stage) in encoder.enumerated() {
            if let down = stage.down { x = down(x, to: places[s], context) }
            for block in stage.blocks { x = block(x, at: places[s], context) }
            encoded.append(x)
            features[.encoder(s)] = x
        }
        for (s, up, blocks) in decoder {
            x = up(x, skip: encoded[s], from: places[s + 1], context).sum
            for block in blocks { x = block(x, at: places[s], context) }
            features[.decoder(s)] = x
        }
        return NetworkOutputs(
            logits: head(x, context), features: context.taps.map { ($0, features[$0]!) })
    }
}
