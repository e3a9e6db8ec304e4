import TensorTesting
import Tensors

private let x = input(11, 21, seed: 31, mean: 3)
private let scale = input(1, 21, seed: 32, mean: 1)
private let shift = input(1, 21, seed: 33)
private let mean = input(1, 21, seed: 34)
private let variance = Tensor(
    rows: 1, columns: 21, input(1, 21, seed: 35).values.map { 0.1 + $0 * $0 })

/// Lengths for which the kernel has its own code.
private let layerNormLengths = [16, 32, 48, 64].map { length in
    OperationCase(
        "LayerNorm", "\(length) columns",
        inputs: [
            input(3, length, seed: 61, mean: -2), input(1, length, seed: 62),
            input(1, length, seed: 63),
        ], tolerance: 1e-5,
        reference: { $0[0].layerNorm(scale: $0[1], shift: $0[2]) }
    ) { $0[0].layerNorm(scale: $0[1], shift: $0[2]) }
}

let normalizationCases: [OperationCase] =
    layerNormLengths + [
        OperationCase(
            "LayerNorm", inputs: [x, scale, shift], tolerance: 1e-5,
            reference: { $0[0].layerNorm(scale: $0[1], shift: $0[2]) }
        ) { $0[0].layerNorm(scale: $0[1], shift: $0[2]) },
        OperationCase(
            "LayerNorm", "added to a residual", inputs: [x, scale, shift, input(11, 21, seed: 36)],
            tolerance: 1e-5,
            reference: { $0[0].layerNorm(scale: $0[1], shift: $0[2], addedTo: $0[3]) }
        ) { $0[0].layerNorm(scale: $0[1], shift: $0[2], addedTo: $0[3]) },
        OperationCase(
            "BatchNorm", "training", inputs: [x, scale, shift], tolerance: 1e-5,
            reference: { $0[0].batchNormTraining(scale: $0[1], shift: $0[2]) }
        ) { $0[0].batchNormTraining(scale: $0[1], shift: $0[2]).value },
        OperationCase(
            "BatchNorm", "training, GELU", inputs: [x, scale, shift], tolerance: 1e-5,
            reference: { $0[0].batchNormTraining(scale: $0[1], shift: $0[2]).gelu() }
        ) { $0[0].batchNormTraining(scale: $0[1], shift: $0[2], gelu: true).value },
        OperationCase(
            "BatchNorm", "evaluation", inputs: [x, scale, shift],
            reference: {
                $0[0].batchNorm(
                    scale: $0[1], shift: $0[2], mean: Matrix64(mean), variance: Matrix64(variance))
            }
        ) { $0[0].batchNorm(scale: $0[1], shift: $0[2], mean: mean, variance: variance) },
        OperationCase(
            "BatchNorm", "evaluation, GELU", inputs: [x, scale, shift],
            reference: {
                $0[0].batchNorm(
                    scale: $0[1], shift: $0[2], mean: Matrix64(mean), variance: Matrix64(variance)
                ).gelu()
            }
        ) {
            $0[0].batchNorm(scale: $0[1], shift: $0[2], mean: mean, variance: variance, gelu: true)
        },
        OperationCase("Softmax", inputs: [x], reference: { $0[0].softmax() }) { $0[0].softmax() },
        OperationCase(
            "Softmax", "16 classes", inputs: [input(7, 16, seed: 37)],
            reference: { $0[0].softmax() }
        ) { $0[0].softmax() },
        OperationCase("LogSoftmax", inputs: [x], reference: { $0[0].logSoftmax() }) {
            $0[0].logSoftmax()
        },
        OperationCase("NormalizedRows", inputs: [x], reference: { $0[0].normalizedRows() }) {
            $0[0].normalizedRows()
        },
        OperationCase(
            "NormalizedRows", "below epsilon", inputs: [x],
            reference: { $0[0].normalizedRows(epsilon: 100) }
        ) { $0[0].normalizedRows(epsilon: 100) },
    ]
