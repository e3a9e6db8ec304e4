import TensorTesting
import Tensors
import Testing

@Suite struct SoftmaxDivergenceTests {
    private func random(_ rows: Int, _ columns: Int, seed: UInt64, size: Float) -> Tensor {
        var generator = CounterGenerator(seed: seed, purpose: .init("divergence"))
        return Tensor(rows: rows, columns: columns) { values in
            for index in values.indices { values[index] = size * generator.normal() }
        }
    }

    @Test(arguments: [1, 2, 13, 16, 20, 32, 100, 1024])
    func divergenceAgreesWithItsReference(columns: Int) {
        for (size, temperature): (Float, Float) in [(1, 1), (3, 0.1), (1, 2), (1e4, 1), (1e4, 4)] {
            let s = random(5, columns, seed: 1, size: size)
            let t = random(5, columns, seed: 2, size: size)
            let (divergences, difference) = s.softmaxDivergence(to: t, temperature: temperature)
            let exact = Matrix64(s).softmaxDivergence(
                to: Matrix64(t), temperature: Double(temperature))
            for (found, expected) in zip(divergences, exact.divergences) {
                #expect(abs(found - expected) < 1e-6 + 1e-6 * expected)
            }
            for (found, expected) in zip(difference.values, exact.difference.values) {
                #expect(abs(Double(found) - expected) < 1e-6)
            }
        }
    }

    @Test func divergenceOfEqualRowsIsZero() {
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

    @Test func divergenceOfNoRowsOrColumnsIsEmpty() {
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
