import Tensors
import Testing

@Suite("Half precision")
struct HalfPrecisionTests {
    static let widths = [4, 3, 0]

    /// Rows of a prime number of values: no width divides it.
    private func halves(of values: [Float], width: Int) -> [UInt16] {
        Kernels.withWidth(width) {
            Tensor(rows: 1, columns: values.count, values).withHalves { span in
                span.indices.map { span[$0] }
            }
        }
    }

    private func singles(of halves: [UInt16], width: Int) -> [Float] {
        Kernels.withWidth(width) {
            Tensor.fromHalves(rows: 1, columns: halves.count) { span in
                for index in span.indices { span[index] = halves[index] }
            }.values
        }
    }

    @Test("every half-precision value is converted exactly", arguments: widths)
    func everyHalf(width: Int) {
        let all = (0...UInt16.max).map { $0 }
        for (half, single) in zip(all, singles(of: all, width: width)) {
            let exact = Float(Float16(bitPattern: half))
            #expect(
                single.bitPattern == exact.bitPattern || (single.isNaN && exact.isNaN), "\(half)")
        }
    }

    @Test("numbers are rounded to the nearest half, ties to even", arguments: widths)
    func rounding(width: Int) {
        // Each half, what lies half way to the next, and the nearest singles around that.
        var values: [Float] = []
        for bits in 0..<UInt16(0x7bff) {
            let low = Float(Float16(bitPattern: bits))
            let high = Float(Float16(bitPattern: bits + 1))
            let middle = (low + high) / 2
            values += [low, middle.nextDown, middle, middle.nextUp, -middle]
        }
        var generator = CounterGenerator(seed: 1, purpose: .init("halves"))
        for _ in 0..<10_000 {
            let value = Float(bitPattern: UInt32(truncatingIfNeeded: generator.next()))
            if value.isFinite { values.append(value) }
        }
        for (value, half) in zip(values, halves(of: values, width: width)) {
            let clipped = max(-65504, min(65504, value))
            #expect(half == Float16(clipped).bitPattern, "\(value)")
        }
    }

    @Test("no finite value becomes infinite, and NaN stays NaN", arguments: widths)
    func edges(width: Int) {
        let edges: [Float] = [65519, 65520, 1e38, .infinity, -.infinity, -65520, .nan, -0.0]
        let rounded = singles(of: halves(of: edges, width: width), width: width)
        #expect(rounded.prefix(6) == [65504, 65504, 65504, 65504, -65504, -65504])
        #expect(rounded[6].isNaN)
        #expect(rounded[7].bitPattern == Float(-0.0).bitPattern)
    }

    @Test("rows shorter than a vector are converted completely", arguments: widths)
    func shortRows(width: Int) {
        for count in 0...40 {
            let values = (0..<count).map { Float($0) - 7.5 }
            #expect(singles(of: halves(of: values, width: width), width: width) == values)
        }
    }
}
