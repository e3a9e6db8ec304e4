import TensorTesting
import Tensors

private let a = input(5, 21, seed: 1)
private let b = input(5, 21, seed: 2)
private let factors: [Float] = [0.5, -1, 0, 2, 3]

let elementwiseCases: [OperationCase] = [
    OperationCase("Add", inputs: [a, b], reference: { $0[0] + $0[1] }) { $0[0] + $0[1] },
    OperationCase("Add", "with itself", inputs: [a], reference: { $0[0] + $0[0] }) {
        $0[0] + $0[0]
    },
    OperationCase("Subtract", inputs: [a, b], reference: { $0[0] - $0[1] }) { $0[0] - $0[1] },
    OperationCase("Multiply", inputs: [a, b], reference: { $0[0] * $0[1] }) { $0[0] * $0[1] },
    OperationCase("Multiply", "square", inputs: [a], reference: { $0[0] * $0[0] }) {
        $0[0] * $0[0]
    },
    OperationCase("Scale", inputs: [a], reference: { $0[0].scaled(by: -2.5) }) {
        $0[0].scaled(by: -2.5)
    },
    OperationCase(
        "ScaleRows", inputs: [a],
        reference: { $0[0].scaledRows(by: factors.map(Double.init)) }
    ) { $0[0].scaledRows(by: factors) },
    OperationCase(
        "AddBias", inputs: [input(70, 19, seed: 3), input(1, 19, seed: 4)],
        reference: { $0[0].addedBias($0[1]) }
    ) { $0[0].addedBias($0[1]) },
    OperationCase("GELU", inputs: [a], reference: { $0[0].gelu() }) { $0[0].gelu() },
    OperationCase("Sum", inputs: [a], reference: { $0[0].sum() }) { $0[0].sum() },
    OperationCase("Sum", "mean", inputs: [a], reference: { $0[0].mean() }) { $0[0].mean() },
]
