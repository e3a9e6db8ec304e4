import TensorTesting
import Tensors

/// Linear maps, perceptrons and Gram matrices at the networks' shapes.
struct ProductCases {
    let scene: KernelScene

    var all: [KernelCase] { linear + perceptrons + grams }

    /// Projections of teacher and student by stage, inputs and outputs.
    private static let maps = [
        (0, 64, 192), (0, 64, 64), (0, 16, 48), (0, 32, 13), (1, 64, 192), (2, 128, 384),
        (3, 256, 768), (4, 512, 1536),
    ]

    private var linear: [KernelCase] {
        Self.maps.flatMap { stage, inputs, outputs in
            let n = scene.rows(stage)
            let product = n * inputs * outputs
            let weights = inputs * outputs
            return KernelCase.operation(
                "linear", "\(n) x \(inputs) -> \(outputs)",
                .init(operations: 2 * product, values: n * (inputs + outputs) + weights),
                back: .init(
                    operations: 4 * product, values: n * (2 * inputs + outputs) + 2 * weights),
                inputs: {
                    [
                        KernelCase.normal(n, inputs, 1), KernelCase.normal(outputs, inputs, 2),
                        KernelCase.normal(1, outputs, 3),
                    ]
                },
                references: { given in
                    let rows = Self.referenceRows(n, operations: 2 * inputs * outputs)
                    let few = Matrix64(given[0].rows(0..<rows))
                    let dy = Matrix64(KernelCase.normal(rows, outputs, 4))
                    let (w, b) = (Matrix64(given[1]), Matrix64(given[2]))
                    let share = Double(rows) / Double(n)
                    return (
                        .init(share: share) { _ = few.linear(w, bias: b) },
                        .init(share: share) { _ = few.linearGradients(w, of: dy) }
                    )
                }
            ) { $0[0].linear($0[1], bias: $0[2]) }
        }
    }

    private var perceptrons: [KernelCase] {
        [(0, 64), (0, 32), (1, 64), (2, 128), (3, 256), (4, 512)].flatMap { stage, width in
            let n = scene.rows(stage)
            let hidden = 4 * width
            let product = n * width * hidden
            let weights = 2 * width * hidden
            return KernelCase.operation(
                "mlp", "\(n) x \(width) -> \(hidden) -> \(width)",
                .init(
                    operations: 4 * product + NormCases.geluOperations * n * hidden,
                    values: 2 * n * width + weights),
                back: .init(
                    operations: 8 * product + (NormCases.geluOperations + 4) * n * hidden,
                    values: 3 * n * width + 2 * weights),
                inputs: {
                    [
                        KernelCase.normal(n, width, 1),
                        KernelCase.normal(hidden, width, 2).scaled(by: 0.1),
                        KernelCase.normal(1, hidden, 3),
                        KernelCase.normal(width, hidden, 4).scaled(by: 0.1),
                        KernelCase.normal(1, width, 5),
                    ]
                },
                references: { given in
                    let rows = Self.referenceRows(n, operations: 4 * width * hidden)
                    let few = Matrix64(given[0].rows(0..<rows))
                    let (w1, b1) = (Matrix64(given[1]), Matrix64(given[2]))
                    let (w2, b2) = (Matrix64(given[3]), Matrix64(given[4]))
                    let dy = Matrix64(KernelCase.normal(rows, width, 6))
                    let share = Double(rows) / Double(n)
                    return (
                        .init(share: share) { _ = few.mlp(fc1: w1, b1, fc2: w2, b2) },
                        .init(share: share) { _ = few.mlpGradients(fc1: w1, b1, fc2: w2, of: dy) }
                    )
                }
            ) { $0[0].mlp(fc1: $0[1], $0[2], fc2: $0[3], $0[4]) }
        }
    }

    /// The Gram matrices of the dense relation.
    private var grams: [KernelCase] {
        [(64, 64), (64, 32)].map { first, second in
            let n = scene.rows(0)
            return KernelCase(
                "gram", "(\(n) x \(first))ᵀ x \(second)",
                .init(
                    operations: 2 * n * first * second,
                    values: n * (first + second) + first * second)
            ) {
                let a = KernelCase.normal(n, first, 1)
                let b = KernelCase.normal(n, second, 2)
                let rows = Self.referenceRows(n, operations: 2 * first * second)
                let (few, others) = (Matrix64(a.rows(0..<rows)), Matrix64(b.rows(0..<rows)))
                let reference = KernelCase.Reference(share: Double(rows) / Double(n)) {
                    _ = few.matmul(others, transposingSelf: true)
                }
                return .init(reference: reference) { { _ = a.matmul(b, transposingSelf: true) } }
            }
        }
    }

    /// The number of rows for which a reference takes a fraction of a second.
    static func referenceRows(_ rows: Int, operations: Int) -> Int {
        min(rows, max(8, 20_000_000 / max(operations, 1)))
    }
}
