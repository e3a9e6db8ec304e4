import Tensors
import Testing

@Suite("Counter-based generator")
struct CounterGeneratorTests {
    @Test("Philox 4x32-10 gives the published answers (Random123, kat_vectors)")
    func knownAnswers() {
        let zeros = CounterGenerator.philox(counter: (0, 0, 0, 0), key: (0, 0))
        #expect(zeros.0 == 0xe169_c58d_6627_e8d5 && zeros.1 == 0x9b00_dbd8_bc57_ac4c)
        let most = UInt32.max
        let ones = CounterGenerator.philox(counter: (most, most, most, most), key: (most, most))
        #expect(ones.0 == 0x41c8_3b0e_408f_276d && ones.1 == 0x6d54_51fd_a20b_c7c6)
        let pi = CounterGenerator.philox(
            counter: (0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344),
            key: (0xa409_3822, 0x299f_31d0))
        #expect(pi.0 == 0x94fd_cceb_d16c_fe09 && pi.1 == 0x2412_6ea1_5001_e420)
    }

    private func draws(
        _ count: Int, seed: UInt64 = 1, step: Int = 0, sample: UInt64 = 0,
        _ purpose: String = "test"
    ) -> [UInt64] {
        var generator = CounterGenerator(
            seed: seed, step: step, sample: sample, purpose: .init(purpose))
        return (0..<count).map { _ in generator.next() }
    }

    @Test("random numbers depend on seed, step, sample and purpose only")
    func keys() {
        let reference = draws(64)
        #expect(draws(64) == reference)
        #expect(Array(draws(100).prefix(64)) == reference)
        for other in [
            draws(64, seed: 2), draws(64, step: 1), draws(64, sample: 1),
            draws(64, sample: 1 << 40), draws(64, "test "),
        ] {
            #expect(Set(other).isDisjoint(with: reference))
        }
        #expect(Set(reference).count == 64)
    }

    @Test("normal numbers have the normal distribution's moments")
    func normalMoments() {
        var generator = CounterGenerator(seed: 3, purpose: .init("normal"))
        let count = 40_000
        var sums = [0.0, 0, 0, 0]
        var beyondTwo = 0
        for _ in 0..<count {
            let x = Double(generator.normal())
            for power in 0..<4 { sums[power] += (0...power).reduce(1) { y, _ in y * x } }
            if x.magnitude > 2 { beyondTwo += 1 }
        }
        let moments = sums.map { $0 / Double(count) }
        // Four standard errors of each.
        #expect(moments[0].magnitude < 4 * (1 / Double(count)).squareRoot())
        #expect((moments[1] - 1).magnitude < 4 * (2 / Double(count)).squareRoot())
        #expect(moments[2].magnitude < 4 * (15 / Double(count)).squareRoot())
        #expect((moments[3] - 3).magnitude < 4 * (96 / Double(count)).squareRoot())
        #expect((Double(beyondTwo) / Double(count) - 0.0455).magnitude < 0.005)
    }

    @Test("uniform numbers fill [0, 1) evenly; indices are even")
    func uniform() {
        var generator = CounterGenerator(seed: 4, purpose: .init("uniform"))
        var bins = [Int](repeating: 0, count: 16)
        var indices = [Int](repeating: 0, count: 7)
        for _ in 0..<16_000 {
            let x = generator.uniform()
            #expect(x >= 0 && x < 1)
            bins[Int(x * 16)] += 1
            indices[generator.index(below: 7)] += 1
        }
        // Chi squared, 15 and 6 degrees of freedom, at 1 in 10 000.
        #expect(bins.reduce(0) { $0 + Double(($1 - 1000) * ($1 - 1000)) / 1000 } < 44.3)
        let each = 16_000.0 / 7
        #expect(indices.reduce(0) { $0 + (Double($1) - each) * (Double($1) - each) / each } < 27.9)
        let x = generator.uniform(in: 2...3)
        #expect(x >= 2 && x <= 3)
    }

    @Test("sequences of different purposes, steps and samples do not correlate")
    func independence() {
        func normals(_ purpose: String, step: Int = 0, sample: UInt64 = 0) -> [Double] {
            var generator = CounterGenerator(
                seed: 5, step: step, sample: sample, purpose: .init(purpose))
            return (0..<4000).map { _ in Double(generator.normal()) }
        }
        let reference = normals("rotation")
        for other in [
            normals("scale"), normals("rotation", step: 1), normals("rotation", sample: 1),
        ] {
            let correlation = zip(reference, other).reduce(0) { $0 + $1.0 * $1.1 } / 4000
            #expect(correlation.magnitude < 4 / 4000.0.squareRoot())
        }
    }
}
