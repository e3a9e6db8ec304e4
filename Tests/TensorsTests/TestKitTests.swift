import TensorTesting
import Tensors
import Testing

/// The checks of operations must detect wrong operations.
@Suite("Test kit")
struct TestKitTests {
    private let x = Tensor.random(rows: 4, columns: 5, seed: 1)

    /// A square whose gradient is off by a factor.
    private func square(_ x: Tensor, gradientFactor: Float) -> Tensor {
        .operation("square", x, value: (x * x).detached) { [x = x.detached] dy in
            (dy * x).scaled(by: gradientFactor)
        }
    }

    @Test("a correct gradient passes both checks")
    func right() throws {
        try checkOperation("square", of: [x], reference: { $0[0] * $0[0] }) {
            square($0[0], gradientFactor: 2)
        }
        try checkPullback("square", of: [x]) { square($0[0], gradientFactor: 2) }
    }

    @Test("a gradient of another size is detected", arguments: [1, 2.1, 0] as [Float])
    func wrongGradient(factor: Float) {
        #expect(throws: OperationMismatch.self) {
            try checkOperation("square", of: [x], reference: { $0[0] * $0[0] }) {
                square($0[0], gradientFactor: factor)
            }
        }
        #expect(throws: OperationMismatch.self) {
            try checkPullback("square", of: [x]) { square($0[0], gradientFactor: factor) }
        }
    }

    @Test("a wrong value or shape is detected")
    func wrongValue() {
        #expect(throws: OperationMismatch.self) {
            try checkOperation("square", of: [x], reference: { $0[0] * $0[0] }) {
                ($0[0] * $0[0]).scaled(by: 1.0001)
            }
        }
        #expect(throws: OperationMismatch.self) {
            try checkOperation("columns", of: [x], reference: { $0[0].columns(0..<4) }) { $0[0] }
        }
    }

    @Test("an operation that loses the tape is detected")
    func lostTape() {
        #expect(throws: OperationMismatch.self) {
            try checkOperation("square", of: [x], reference: { $0[0] * $0[0] }) {
                ($0[0] * $0[0]).detached
            }
        }
        #expect(throws: OperationMismatch.self) {
            try checkPullback("square", of: [x]) { ($0[0] * $0[0]).detached }
        }
    }

    @Test("errors are relative, directions are cosines")
    func comparisons() {
        let twice = x.scaled(by: 2)
        #expect((relativeError(twice, x) - 1).magnitude < 1e-12)
        #expect((cosine(twice, x) - 1).magnitude < 1e-12)
        #expect((cosine(x.scaled(by: -1), x) + 1).magnitude < 1e-12)
        #expect(relativeError(.zeros(rows: 1, columns: 1), Tensor(0)) == 0)
        #expect(largestDifference(Tensor(3), Tensor(1)) == 2)
        #expect(sameBits(x, x) && !sameBits(Tensor(0), Tensor(-0.0)))
        #expect(sameBits(x, .random(rows: 4, columns: 5, seed: 1)))
        #expect(!sameBits(x, .random(rows: 4, columns: 5, seed: 2)))
    }
}
