import Tensors

/// The stages from coarse back to fine: unpooling with the encoder's features, then blocks.
struct DecoderStages: Sendable {
    struct Stage: Sendable {
        let up: GridUnpooling
        let blocks: [Block]
    }

    /// In the order in which they compute: the coarsest first.
    let stages: [(index: Int, stage: Stage)]

    /// Declares `dec…`, …, `dec0` in the scope.
    ///
    /// The drop-path rates are linearly spaced over all blocks counted from the finest stage's
    /// last block to the coarsest stage's first, so that they fall to 0 as computing goes on.
    init(_ scope: ParameterScope, _ configuration: PointTransformerV3.Configuration) {
        let encoder = configuration.encoder
        let shapes = configuration.decoder
        let rates = linearlySpaced(
            to: configuration.dropPath, count: shapes.reduce(0) { $0 + $1.depth })
        stages = shapes.indices.reversed().map { s in
            let scope = scope["dec\(s)"]
            let finer = shapes[..<s].reduce(0) { $0 + $1.depth }
            let below = s == shapes.count - 1 ? encoder[s + 1].channels : shapes[s + 1].channels
            let up = GridUnpooling(
                scope["up"], inputs: below, skip: encoder[s].channels, outputs: shapes[s].channels)
            let blocks = (0..<shapes[s].depth).map { i in
                Block(
                    scope.block("block\(i)"), stage: shapes[s],
                    curve: i % configuration.orders.count,
                    dropPath: rates[finer + shapes[s].depth - 1 - i])
            }
            return (s, Stage(up: up, blocks: blocks))
        }
    }

    /// The features after every stage, in the order in which they compute.
    func callAsFunction(
        _ encoded: [Tensor], at places: [StagePlace], _ pass: ForwardContext
    ) -> [(stage: Int, features: Tensor)] {
        var features: [(stage: Int, features: Tensor)] = []
        var x = encoded[encoded.count - 1]
        for (s, stage) in stages {
            let (sum, beside) = stage.up(x, skip: encoded[s], from: places[s + 1], pass)
            x = sum
            for (i, block) in stage.blocks.enumerated() {
                x = block(x, convolving: i == 0 ? beside : nil, at: places[s], pass)
            }
            features.append((s, x))
        }
        return features
    }
}
