import Tensors
import Testing

@Suite("Gradients in bfloat16")
struct BrainFloatTests {
    /// The twin: by whole numbers, one value at a time.
    private func rounded(_ value: Float) -> Float {
        if value.isNaN { return value }
        let bits = value.bitPattern
        let lower = bits & 0xffff
        let up = lower > 0x8000 || lower == 0x8000 && bits >> 16 & 1 == 1
        return Float(bitPattern: (bits & 0xffff_0000) &+ (up ? 0x1_0000 : 0))
    }

    /// A prime number of values of every size, so that no width divides it.
    private var values: [Float] {
        var generator = CounterGenerator(seed: 1, purpose: .init("brain floats"))
        var values: [Float] = [
            0, -0.0, 1, .infinity, -.infinity, .greatestFiniteMagnitude, .leastNonzeroMagnitude,
            1 + 0x1p-8, 1 + 0x1p-8 + 0x1p-23, 1 + 0x1p-7 + 0x1p-8, -1 - 0x1p-8,
        ]
        while values.count < 10_007 {
            let value = Float(bitPattern: UInt32(truncatingIfNeeded: generator.next()))
            if !value.isNaN { values.append(value) }
        }
        return values
    }

    @Test("bfloat16 rounding is to nearest even at every width", arguments: [4, 3, 0])
    func rounding(width: Int) {
        let values = values
        let tensor = Tensor(rows: 1, columns: values.count, values)
        let got = Kernels.withWidth(width) { tensor.roundedToBFloat16() }
        for (value, result) in zip(values, got.values) {
            #expect(result.bitPattern == rounded(value).bitPattern, "\(value)")
        }
        let nothing = Kernels.withWidth(width) { Tensor(.nan).roundedToBFloat16() }
        #expect(nothing.scalar.isNaN)
    }

    @Test("rounded values are packed in half the bytes without loss", arguments: [1, 2, 7, 1000])
    func packing(count: Int) throws {
        let tensor = Tensor(rows: 1, columns: count, Array(values.prefix(count)))
            .roundedToBFloat16()
        let packed = tensor.packedAsBFloat16()
        #expect(packed.count == (count + 1) / 2)
        let back = try #require(Tensor(unpackingBFloat16: packed, count: count))
        #expect(back.isBitIdentical(to: tensor))
        #expect(Tensor(unpackingBFloat16: packed, count: count + 2) == nil)
    }
}
