import PointClouds
import TensorTesting
import Tensors

/// Operations that depend on the points' geometry: convolutions, attention, gathers, pooling.
struct GeometryCases {
    let scene: KernelScene

    /// Operations per probability in attention: an exponential in base 2, the maximum and the sum.
    private static let probability = 20

    var all: [KernelCase] { convolutions + attention + rows }

    /// Convolutions by stage, kernel size, inputs and outputs.
    private var convolutions: [KernelCase] {
        [
            (0, 5, 6, 32), (0, 3, 64, 64), (0, 3, 32, 32), (0, 3, 16, 16), (1, 3, 64, 64),
            (2, 3, 128, 128), (3, 3, 256, 256), (4, 3, 512, 512),
        ].flatMap { stage, size, inputs, outputs in
            let map = scene.hierarchy.stages[stage].kernelMap(size: size)
            let n = map.rows
            let product = map.inputs.count * inputs * outputs
            let weights = map.volume * inputs * outputs
            return KernelCase.operation(
                "convolution", "\(n), \(size)³, \(inputs) -> \(outputs)",
                .init(
                    operations: 2 * product,
                    values: n * (inputs + outputs) + weights + 2 * map.inputs.count),
                back: .init(
                    operations: 4 * product,
                    values: n * (2 * inputs + outputs) + 2 * weights + 2 * map.inputs.count),
                inputs: {
                    [
                        KernelCase.normal(n, inputs, 1),
                        KernelCase.normal(outputs, map.volume * inputs, 2),
                        KernelCase.normal(1, outputs, 3),
                    ]
                },
                references: { given in
                    // The reference takes seconds on the whole room: it computes a few rows.
                    // Deeper stages of the small room have too few rows.
                    let few = scene.small.stages[min(stage, 1)].kernelMap(size: size)
                    let x = Matrix64(KernelCase.normal(few.rows, inputs, 4))
                    let (w, b) = (Matrix64(given[1]), Matrix64(given[2]))
                    let dy = Matrix64(KernelCase.normal(few.rows, outputs, 5))
                    let share = Double(few.inputs.count) / Double(map.inputs.count)
                    return (
                        .init(share: share) {
                            _ = x.submanifoldConvolution(weight: w, bias: b, map: few)
                        },
                        .init(share: share) {
                            _ = x.convolutionGradients(weight: w, map: few, of: dy)
                        }
                    )
                }
            ) { $0[0].submanifoldConvolution(weight: $0[1], bias: $0[2], map: map) }
        }
    }

    /// Attention by stage, channels and patch size; sixteen channels per head.
    private var attention: [KernelCase] {
        [(0, 64, 128), (0, 32, 128), (0, 64, 1024), (1, 64, 128), (2, 128, 128), (3, 256, 128)]
            .flatMap { stage, channels, patch in
                let plan = scene.hierarchy.stages[stage].patchPlan(order: 0, patchSize: patch)
                let n = plan.rows
                let heads = channels / 16
                let scores = Self.scores(plan)
                return KernelCase.operation(
                    "attention", "\(n) x \(channels), patch \(patch)",
                    .init(
                        operations: scores * (4 * channels + Self.probability * heads),
                        values: 4 * n * channels),
                    back: .init(
                        operations: scores * (10 * channels + Self.probability * heads),
                        values: 8 * n * channels),
                    inputs: { [KernelCase.normal(n, 3 * channels, 1)] },
                    references: { _ in
                        let few = scene.small.stages[0].patchPlan(order: 0, patchSize: patch)
                        let qkv = Matrix64(KernelCase.normal(few.rows, 3 * channels, 2))
                        let dy = Matrix64(KernelCase.normal(few.rows, channels, 3))
                        let share = Double(Self.scores(few)) / Double(scores)
                        return (
                            .init(share: share) {
                                _ = qkv.patchAttention(heads: heads, plan: few)
                            },
                            .init(share: share) {
                                _ = qkv.patchAttentionGradient(heads: heads, plan: few, of: dy)
                            }
                        )
                    }
                ) { $0[0].patchAttention(heads: heads, plan: plan) }
            }
    }

    /// The number of pairs of a query and a key.
    private static func scores(_ plan: PatchPlan) -> Int {
        (0..<plan.patches).reduce(0) {
            $0 + Int(plan.queries[$1]) * Int(plan.starts[$1 + 1] - plan.starts[$1])
        }
    }

    private var rows: [KernelCase] {
        guard let pooling = scene.hierarchy.stages[1].pooling else { return [] }
        let (n, m) = (pooling.rows, pooling.count)
        let width = 64
        let order = scene.hierarchy.stages[0].orders[2]
        func moved(_ rows: Int) -> KernelCase.Work { .init(values: rows * width + rows) }
        func fine() -> [Tensor] { [KernelCase.normal(n, width, 1)] }
        func coarse() -> [Tensor] { [KernelCase.normal(m, width, 1)] }
        return KernelCase.operation(
            "gather rows", "\(n) x \(width)", moved(2 * n), back: moved(2 * n), inputs: fine,
            references: { given in
                let x = Matrix64(given[0])
                let dy = Matrix64(KernelCase.normal(n, width, 2))
                return (
                    .init { _ = x.gatherRows(order) },
                    .init { _ = dy.gatherRowsGradient(order, rows: n) }
                )
            }
        ) { $0[0].gatherRows(order) }
            + KernelCase.operation(
                "segment max", "\(n) -> \(m) x \(width)", moved(n + m), back: moved(n + 2 * m),
                inputs: fine,
                references: { given in
                    let x = Matrix64(given[0])
                    let dy = Matrix64(KernelCase.normal(m, width, 2))
                    return (
                        .init { _ = x.segmentMax(pooling) },
                        .init { _ = x.segmentMaxGradient(pooling, of: dy) }
                    )
                }
            ) { $0[0].segmentMax(pooling) }
            + KernelCase.operation(
                "segment mean", "\(n) -> \(m) x \(width)", moved(n + m), back: moved(n + m),
                inputs: fine,
                references: { given in
                    let x = Matrix64(given[0])
                    let dy = Matrix64(KernelCase.normal(m, width, 2))
                    return (
                        .init { _ = x.segmentMean(pooling) },
                        .init { _ = dy.segmentMeanGradient(pooling) }
                    )
                }
            ) { $0[0].segmentMean(pooling) }
            + KernelCase.operation(
                "segment spread", "\(m) -> \(n) x \(width)", moved(n + m), back: moved(n + m),
                inputs: coarse,
                references: { given in
                    let x = Matrix64(given[0])
                    let dy = Matrix64(KernelCase.normal(n, width, 2))
                    let index = pooling.segmentOfRow
                    return (
                        .init { _ = x.gatherRows(index) },
                        .init { _ = dy.gatherRowsGradient(index, rows: m) }
                    )
                }
            ) { $0[0].gatherRows(segments: pooling) }
    }
}
