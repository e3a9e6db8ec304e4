import Foundation
import TensorTesting
import Tensors
import Testing

@Suite("Operations")
struct OperationTests {
    @Test(
        "value and gradients of an operation agree with the Float64 reference",
        arguments: operationCatalogue)
    func twin(_ operation: OperationCase) throws {
        try checkOperation(
            operation.description, of: operation.inputs, constants: operation.constants,
            tolerance: operation.tolerance, reference: operation.reference, operation.operation)
    }

    @Test(
        "every kernel width computes the same bits of an operation", arguments: operationCatalogue
    )
    func widths(_ operation: OperationCase) {
        func run() -> [Tensor] {
            let tape = Tape()
            let inputs = operation.inputs.map { tape.variable($0) }
            let value = operation.operation(inputs)
            let seed = Tensor.random(rows: value.rows, columns: value.columns, seed: 5)
            let gradients = tape.gradients(from: value, seed: seed)
            return [value] + inputs.compactMap { gradients[$0] }
        }
        let four = Kernels.withWidth(4, run)
        let three = Kernels.withWidth(3, run)
        let baseline = Kernels.withWidth(0, run)
        for (index, tensor) in four.enumerated() {
            #expect(sameBits(tensor, three[index]))
            #expect(sameBits(tensor, baseline[index]))
        }
    }

    @Test("a team of threads computes the same bits of an operation", arguments: operationCatalogue)
    func team(_ operation: OperationCase) {
        let alone = operation.operation(operation.inputs)
        let shared = ThreadTeam(threads: 3, leastWork: 1, grain: 1).working {
            operation.operation(operation.inputs)
        }
        #expect(sameBits(alone, shared))
    }

    @Test("every file of Operations has a case")
    func catalogueIsComplete() throws {
        let package = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let folder = package.appending(path: "Sources/Tensors/Operations")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            .filter { $0.hasSuffix(".swift") }.map { String($0.dropLast(6)) }
        #expect(!files.isEmpty)
        let known = Set(operationCatalogue.map(\.file))
        for file in files.sorted() {
            #expect(known.contains(file), "Operations/\(file).swift has no case in the catalogue.")
        }
    }
}
