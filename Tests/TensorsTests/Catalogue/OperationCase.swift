import TensorTesting
import Tensors

/// One way to call an operation, with its Float64 twin.
struct OperationCase: Sendable, CustomStringConvertible {
    /// The file in Sources/Tensors/Operations, without its extension.
    let file: String
    let description: String
    let inputs: [Tensor]
    var constants: Set<Int> = []
    var tolerance = 2e-6
    let reference: @Sendable ([Matrix64]) -> Matrix64
    let operation: @Sendable ([Tensor]) -> Tensor

    init(
        _ file: String, _ detail: String = "", inputs: [Tensor], constants: Set<Int> = [],
        tolerance: Double = 2e-6, reference: @escaping @Sendable ([Matrix64]) -> Matrix64,
        _ operation: @escaping @Sendable ([Tensor]) -> Tensor
    ) {
        self.file = file
        description = detail.isEmpty ? file : "\(file) (\(detail))"
        self.inputs = inputs
        self.constants = constants
        self.tolerance = tolerance
        self.reference = reference
        self.operation = operation
    }
}

/// Every operation; a test fails when a file of Sources/Tensors/Operations is missing here.
let operationCatalogue: [OperationCase] =
    elementwiseCases + productCases + normalizationCases + rowCases + geometryCases

/// An input of a case: normally distributed values.
func input(_ rows: Int, _ columns: Int, seed: UInt64, mean: Float = 0) -> Tensor {
    .random(rows: rows, columns: columns, seed: seed, mean: mean)
}
