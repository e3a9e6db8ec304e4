import Foundation
import Tensors
import Testing

@Suite struct SoftmaxDivergenceTests {
    private func random(_ rows: Int, _ columns: Int, seed: UInt64, size: Float) -> Tensor {
        var generator = CounterGenerator(seed: seed, purpose: .init("divergence"))
        return Tensor(rows: rows, columns: columns) { values in
            for index in values.indices { values[index] = size * generator.normal() }
        }
    }

    /// The plain twin, in Float64.
    private func twin(_ s: [Float], _ t: [Float], _ temperature: Double) -> (Double, [Double]) {
        func logSoftmax(_ x: [Float]) -> [Double] {
            let x = x.map { Double($0) / temperature }
            let largest = x.max() ?? 0
            let sum = x.reduce(0) { $0 + exp($1 - largest) }
            return x.map { $0 - largest - log(sum) }
        }
        let (q, p) = (logSoftmax(s), logSoftmax(t))
        return (
            zip(p, q).reduce(0) { $0 + exp($1.0) * ($1.0 - $1.1) },
            zip(p, q).map { exp($1) - exp($0) }
        )
    }

    @Test(arguments: [1, 2, 13, 16, 20, 32, 100, 1024])
    func agreesWithItsTwin(columns: Int) {
        for (size, temperature): (Float, Float) in [(1, 1), (3, 0.1), (1, 2), (1e4, 1), (1e4, 4)] {
            let s = random(5, columns, seed: 1, size: size)
            let t = random(5, columns, seed: 2, size: size)
            let (divergences, difference) = s.softmaxDivergence(to: t, temperature: temperature)
            for row in 0..<5 {
                let range = row * columns..<(row + 1) * columns
                let (divergence, gradient) = twin(
                    Array(s.values[range]), Array(t.values[range]), Double(temperature))
                #expect(abs(divergences[row] - divergence) < 1e-6 + 1e-6 * divergence)
                for (found, expected) in zip(difference.values[range], gradient) {
                    #expect(abs(Double(found) - expected) < 1e-6)
                }
            }
        }
    }

    @Test func isNothingForEqualRows() {
        let s = random(3, 37, seed: 3, size: 5)
        let (divergences, difference) = s.softmaxDivergence(to: s, temperature: 0.5)
        #expect(divergences == [0, 0, 0])
        #expect(difference.values.allSatisfy { $0 == 0 })
    }

    @Test func bothWidthsComputeTheSameBits() {
        let s = random(4, 83, seed: 4, size: 2)
        let t = random(4, 83, seed: 5, size: 2)
        guard Kernels.width == 4 else { return }
        let wide = s.softmaxDivergence(to: t, temperature: 0.3)
        let narrow = Kernels.withWidth(3) { s.softmaxDivergence(to: t, temperature: 0.3) }
        #expect(wide.divergences == narrow.divergences)
        #expect(wide.difference.values == narrow.difference.values)
    }

    @Test func noRowsAndNoColumns() {
        #expect(
            Tensor(rows: 0, columns: 4, []).softmaxDivergence(
                to: Tensor(rows: 0, columns: 4, []), temperature: 1
            ).divergences.isEmpty)
        #expect(
            Tensor(rows: 2, columns: 0, []).softmaxDivergence(
                to: Tensor(rows: 2, columns: 0, []), temperature: 1
            ).divergences == [0, 0])
    }
}
