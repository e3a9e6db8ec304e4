import Tensors

/// The stages from coarse back to fine: unpooling with the encoder's features, then blocks.
struct DecoderStages: Sendable {
    struct Stage: Sendable {
        let up: GridUnpooling
        let blocks: [Block]
    }

    /// Whether a stage's first block convolves the sum of both branches.
    let convolvesSum: Bool
    /// The stages in the order of computation: the coarsest first.
    let stages: [(index: Int, stage: Stage)]

    /// Declares `dec…`, …, `dec0` in the scope.
    ///
    /// The drop-path rates are linearly spaced over all blocks counted from the finest stage's
    /// last block to the coarsest stage's first, so that they fall to 0 in the order of computation.
    init(_ scope: ParameterScope, _ configuration: PointTransformerV3.Configuration) {
        convolvesSum = configuration.version != .m1
        let encoder = configuration.encoder
        let shapes = configuration.decoder
        let rates = DropPath.falling(to: configuration.dropPath, depths: shapes.map(\.depth))
        stages = shapes.indices.reversed().map { s in
            let scope = scope["dec\(s)"]
            let below = s == shapes.count - 1 ? encoder[s + 1].channels : shapes[s + 1].channels
            let up = GridUnpooling(
                scope["up"], inputs: below, skip: encoder[s].channels, outputs: shapes[s].channels,
                norm: configuration.norm)
            let blocks = (0..<shapes[s].depth).map { i in
                Block(
                    scope.block("block\(i)"), stage: shapes[s],
                    curve: i % configuration.orders.count,
                    dropPath: rates[s][i])
            }
            return (s, Stage(up: up, blocks: blocks))
        }
    }

    /// The features after every stage, in the order in which they compute.
    func callAsFunction(
        _ encoded: [Tensor], at places: [StagePlace], _ context: ForwardContext
    ) -> [(stage: Int, features: Tensor)] {
        var features: [(stage: Int, features: Tensor)] = []
        var x = encoded[encoded.count - 1]
        for (s, stage) in stages {
            let (sum, beside) = stage.up(x, skip: encoded[s], from: places[s + 1], context)
            x = sum
            for (i, block) in stage.blocks.enumerated() {
                // The public checkpoints were trained with this input; see `Block`.
                x = block(
                    x, convolving: i == 0 && !convolvesSum ? beside : nil, at: places[s], context)
            }
            features.append((s, x))
        }
        return features
    }
}
