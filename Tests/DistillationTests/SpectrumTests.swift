import Distillation
import Tensors
import Testing

@Suite struct SpectrumTests {
    /// A matrix of given singular values: a diagonal between two reflections.
    private func matrix(_ values: [Double], rows: Int, columns: Int) -> Tensor {
        func reflection(_ size: Int, _ purpose: String) -> [[Double]] {
            var generator = CounterGenerator(seed: 2, purpose: .init(purpose))
            let v = (0..<size).map { _ in Double(generator.normal()) }
            let square = v.reduce(0) { $0 + $1 * $1 }
            return (0..<size).map { i in
                (0..<size).map { j in (i == j ? 1 : 0) - 2 * v[i] * v[j] / square }
            }
        }
        let (left, right) = (reflection(rows, "left"), reflection(columns, "right"))
        return Tensor(
            rows: rows, columns: columns,
            (0..<rows).flatMap { i in
                (0..<columns).map { j in
                    Float(values.indices.reduce(0) { $0 + left[i][$1] * values[$1] * right[$1][j] })
                }
            })
    }

    @Test(arguments: [(5, 3), (3, 7), (4, 4), (1, 6), (12, 40)])
    func valuesAreFound(shape: (Int, Int)) {
        let wanted = (0..<min(shape.0, shape.1)).map { 3 / Double($0 + 1) }
        let found = Spectrum(of: matrix(wanted, rows: shape.0, columns: shape.1))
        #expect(zip(found.values, wanted).allSatisfy { abs($0 - $1) < 2e-6 })
        #expect(found.values.count == wanted.count)
    }

    @Test func effectiveRankCountsDirections() {
        #expect(
            abs(Spectrum(of: matrix([2, 2, 2, 2], rows: 4, columns: 9)).effectiveRank - 4) < 1e-5)
        #expect(
            abs(Spectrum(of: matrix([5, 5, 0, 0, 0], rows: 9, columns: 5)).effectiveRank - 2) < 1e-2
        )
        #expect(Spectrum(of: Tensor.zeros(rows: 3, columns: 4)).effectiveRank == 0)
        #expect(Spectrum(of: Tensor.zeros(rows: 0, columns: 4)).effectiveRank == 0)
    }
}
