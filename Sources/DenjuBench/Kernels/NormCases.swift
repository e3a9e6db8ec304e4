import TensorTesting
import Tensors

/// Element-wise and row-wise operations: norms, activations, softmax, sums, the optimiser.
struct NormCases {
    let scene: KernelScene

    /// Operations per value of the GELU kernel: an exponential, a quotient, a polynomial of degree 8.
    static let geluOperations = 50
    /// Operations of one exponential.
    private static let exponential = 22

    var all: [KernelCase] {
        layerNorm + activations + batchNorm + softmax + divergence + normalizedRows + sums
            + optimiser
    }

    private var layerNorm: [KernelCase] {
        normalisation(
            "layer norm", [(0, 64), (0, 32), (0, 16), (2, 128), (3, 256)], moved: (2, 3),
            references: { x, scale, shift, dy in
                (
                    .init { _ = x.layerNorm(scale: scale, shift: shift) },
                    .init { _ = x.layerNormGradients(scale: scale, of: dy) }
                )
            }
        ) { $0[0].layerNorm(scale: $0[1], shift: $0[2]) }
    }

    /// Batch norm without GELU, whose exponentials would hide the memory traffic.
    private var batchNorm: [KernelCase] {
        normalisation(
            "batch norm", [(0, 64), (0, 32), (1, 64), (2, 128)], moved: (3, 5),
            references: { x, scale, shift, dy in
                (
                    .init { _ = x.batchNormTraining(scale: scale, shift: shift) },
                    .init { _ = x.batchNormGradients(scale: scale, of: dy) }
                )
            }
        ) { $0[0].batchNormTraining(scale: $0[1], shift: $0[2]).value }
    }

    /// The cases of a normalisation with scale and shift at several stages and widths.
    ///
    /// - Parameter moved: the number of times the values are read or written, forward and backward.
    private func normalisation(
        _ name: String, _ sizes: [(stage: Int, width: Int)], moved: (value: Int, back: Int),
        references:
            @escaping (_ x: Matrix64, _ scale: Matrix64, _ shift: Matrix64, _ dy: Matrix64) -> (
                value: KernelCase.Reference, back: KernelCase.Reference?
            ),
        _ operation: @escaping ([Tensor]) -> Tensor
    ) -> [KernelCase] {
        sizes.flatMap { stage, width in
            let n = scene.rows(stage)
            return KernelCase.operation(
                name, "\(n) x \(width)",
                .init(operations: 8 * n * width, values: moved.value * n * width),
                back: .init(operations: 16 * n * width, values: moved.back * n * width),
                inputs: {
                    [
                        KernelCase.normal(n, width, 1), KernelCase.normal(1, width, 2),
                        KernelCase.normal(1, width, 3),
                    ]
                },
                references: { given in
                    references(
                        Matrix64(given[0]), Matrix64(given[1]), Matrix64(given[2]),
                        Matrix64(KernelCase.normal(n, width, 4)))
                }, operation)
        }
    }

    private var activations: [KernelCase] {
        let n = scene.rows(0)
        return [64, 256].flatMap { width in
            KernelCase.operation(
                "gelu", "\(n) x \(width)",
                .init(operations: Self.geluOperations * n * width, values: 2 * n * width),
                back: .init(
                    operations: (Self.geluOperations + 4) * n * width, values: 3 * n * width),
                inputs: { [KernelCase.normal(n, width, 1)] },
                references: { given in
                    let (x, dy) = (Matrix64(given[0]), Matrix64(KernelCase.normal(n, width, 2)))
                    return (.init { _ = x.gelu() }, .init { _ = x.geluGradient(of: dy) })
                }
            ) { $0[0].gelu() }
        }
    }

    private var softmax: [KernelCase] {
        let n = scene.rows(0)
        return KernelCase.operation(
            "softmax", "\(n) x 13",
            .init(operations: (Self.exponential + 4) * n * 13, values: 2 * n * 13),
            back: .init(operations: 4 * n * 13, values: 3 * n * 13),
            inputs: { [KernelCase.normal(n, 13, 1)] },
            references: { given in
                let (x, dy) = (Matrix64(given[0]), Matrix64(KernelCase.normal(n, 13, 2)))
                return (.init { _ = x.softmax() }, .init { _ = x.softmaxGradient(of: dy) })
            }
        ) { $0[0].softmax() }
    }

    private var divergence: [KernelCase] {
        let n = scene.rows(0)
        return [13, 1024].map { columns in
            let n = columns > 13 ? n / 20 : n
            return KernelCase(
                "divergence", "\(n) x \(columns)",
                .init(
                    operations: (2 * Self.exponential + 10) * n * columns, values: 3 * n * columns)
            ) {
                let s = KernelCase.normal(n, columns, 1)
                let t = KernelCase.normal(n, columns, 2)
                let (plainS, plainT) = (Matrix64(s), Matrix64(t))
                let reference = KernelCase.Reference {
                    _ = plainS.softmaxDivergence(to: plainT, temperature: 4)
                }
                return .init(reference: reference) {
                    { _ = s.softmaxDivergence(to: t, temperature: 4) }
                }
            }
        }
    }

    private var normalizedRows: [KernelCase] {
        let n = scene.rows(0)
        return [64, 32].map { width in
            KernelCase(
                "normalized rows", "\(n) x \(width)",
                .init(operations: 3 * n * width, values: 2 * n * width)
            ) {
                let x = KernelCase.normal(n, width, 1)
                let plain = Matrix64(x)
                return .init(reference: .init { _ = plain.normalizedRows() }) {
                    { _ = x.normalizedRows() }
                }
            }
        }
    }

    private var sums: [KernelCase] {
        let n = scene.rows(0)
        return [
            KernelCase("add", "\(n) x 64", .init(operations: n * 64, values: 3 * n * 64)) {
                let (a, b) = (KernelCase.normal(n, 64, 1), KernelCase.normal(n, 64, 2))
                let (plainA, plainB) = (Matrix64(a), Matrix64(b))
                return .init(reference: .init { _ = plainA + plainB }) { { _ = a + b } }
            }
        ]
    }

    private var optimiser: [KernelCase] {
        // The number of parameters of the student of `denju-bench step`.
        let count = 2_325_229
        return [
            KernelCase("adamw", "\(count)", .init(operations: 16 * count, values: 7 * count)) {
                let state = AdamWState(values: KernelCase.normal(1, count, 1))
                let gradient = KernelCase.normal(1, count, 2)
                let numbers = AdamWState.Coefficients(weightDecay: 0.05, count: 3)
                let (values, zero) = (Matrix64(state.values), Matrix64(state.firstMoment))
                let plain = Matrix64(gradient)
                let reference = KernelCase.Reference {
                    _ = Matrix64.adamW(
                        values: values, firstMoment: zero, secondMoment: zero, gradient: plain,
                        rate: 0.002, numbers)
                }
                return .init(reference: reference) {
                    {
                        _ = state.updated(
                            gradient: gradient, rates: [(count: count, rate: 0.002)], numbers)
                    }
                }
            }
        ]
    }
}
