import Tensors

/// The stages from fine to coarse: pooling (but for the first), then blocks.
struct EncoderStages: Sendable {
    struct Stage: Sendable {
        let down: GridPooling?
        let blocks: [Block]
    }

    let stages: [Stage]

    /// Declares `enc0`, `enc1`, … in the scope.
    ///
    /// The drop-path rate grows linearly over all blocks, from 0 to the configured rate.
    init(_ scope: ParameterScope, _ configuration: PointTransformerV3.Configuration) {
        let shapes = configuration.encoder
        let rates = DropPath.rising(to: configuration.dropPath, depths: shapes.map(\.depth))
        stages = shapes.indices.map { s in
            let scope = scope["enc\(s)"]
            let down =
                s == 0
                ? nil
                : GridPooling(
                    scope["down"], inputs: shapes[s - 1].channels, outputs: shapes[s].channels,
                    norm: configuration.norm)
            let blocks = (0..<shapes[s].depth).map { i in
                Block(
                    scope.block("block\(i)"), stage: shapes[s],
                    curve: i % configuration.orders.count, dropPath: rates[s][i])
            }
            return Stage(down: down, blocks: blocks)
        }
    }

    /// The features after every stage, finest first.
    ///
    /// - Parameter angles: the rotations of each stage's queries and keys; empty for none.
    func callAsFunction(
        _ embedded: Tensor, at places: [StagePlace], _ context: ForwardContext,
        rotatedBy angles: [RotaryAngles] = []
    ) -> [Tensor] {
        var features: [Tensor] = []
        var x = embedded
        for (s, (stage, place)) in zip(stages, places).enumerated() {
            if let down = stage.down { x = down(x, to: place, context) }
            for block in stage.blocks {
                x = block(
                    x, at: place, context, rotatedBy: angles.isEmpty ? nil : angles[s])
            }
            features.append(x)
        }
        return features
    }
}
