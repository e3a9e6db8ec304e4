import TensorTesting
import Tensors

private let x = input(9, 13, seed: 11)
private let weight = input(6, 13, seed: 12)
private let bias = input(1, 6, seed: 13)

private func product(_ transposingSelf: Bool, _ transposingOther: Bool) -> OperationCase {
    let a = transposingSelf ? input(7, 5, seed: 14) : input(5, 7, seed: 14)
    let b = transposingOther ? input(6, 7, seed: 15) : input(7, 6, seed: 15)
    return OperationCase(
        "MatMul", "\(transposingSelf), \(transposingOther)", inputs: [a, b],
        reference: {
            $0[0].matmul(
                $0[1], transposingSelf: transposingSelf, transposingOther: transposingOther)
        }
    ) {
        $0[0].matmul($0[1], transposingSelf: transposingSelf, transposingOther: transposingOther)
    }
}

/// A factor for each row of `x`.
private let factors = (0..<x.rows).map { 0.5 + 0.25 * Float($0 % 5) }

let productCases: [OperationCase] = [
    OperationCase(
        "Linear", inputs: [x, weight, bias], reference: { $0[0].linear($0[1], bias: $0[2]) }
    ) { $0[0].linear($0[1], bias: $0[2]) },
    OperationCase(
        "Linear", "no bias", inputs: [x, weight], reference: { $0[0].linear($0[1]) }
    ) { $0[0].linear($0[1]) },
    OperationCase(
        "Linear", "joining a residual",
        inputs: [x, weight, bias, input(x.rows, weight.rows, seed: 21)],
        reference: {
            $0[0].linear($0[1], bias: $0[2]).scaledRows(by: factors.map(Double.init)) + $0[3]
        }
    ) { $0[0].linear($0[1], bias: $0[2], factors: factors, addedTo: $0[3]) },
    product(false, false), product(true, false), product(false, true), product(true, true),
    OperationCase(
        "MLP",
        inputs: [
            x, input(20, 13, seed: 16), input(1, 20, seed: 17),
            input(7, 20, seed: 18), input(1, 7, seed: 19),
        ], reference: { $0[0].mlp(fc1: $0[1], $0[2], fc2: $0[3], $0[4]) }
    ) { $0[0].mlp(fc1: $0[1], $0[2], fc2: $0[3], $0[4]) },
    OperationCase(
        "MLP", "joining a residual",
        inputs: [
            x, input(20, 13, seed: 16), input(1, 20, seed: 17),
            input(7, 20, seed: 18), input(1, 7, seed: 19), input(x.rows, 7, seed: 22),
        ],
        reference: {
            $0[0].mlp(fc1: $0[1], $0[2], fc2: $0[3], $0[4]).scaledRows(by: factors.map(Double.init))
                + $0[5]
        }
    ) { $0[0].mlp(fc1: $0[1], $0[2], fc2: $0[3], $0[4], factors: factors, addedTo: $0[5]) },
]
