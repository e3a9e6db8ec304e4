import Foundation
import Tensors
import Testing

@Suite("Portable mathematics")
struct PortableMathTests {
    @Test("the logarithm is within 1e-15 of the C library's, relatively")
    func logarithms() {
        var generator = CounterGenerator(seed: 1, purpose: .init("logarithm"))
        var arguments = [1, 2, 0.5, 1.4142135623730951, 1e-300, 1e300, 1 + 0x1p-52, 1 - 0x1p-53]
        for _ in 0..<4000 {
            let mantissa = 1 + Double(generator.next() >> 12) * 0x1p-52
            arguments.append(mantissa)
            arguments.append(scalbn(mantissa, generator.index(below: 2000) - 1000))
            arguments.append(1 + (mantissa - 1.5) * 1e-3)
        }
        for x in arguments {
            let exact = log(x)
            let error = (logarithm(x) - exact).magnitude
            #expect(error <= 1e-15 * max(exact.magnitude, 0x1p-1000), "log \(x)")
        }
        #expect(logarithm(1) == 0)
    }

    @Test("cosine and sine are within 1e-15 of the C library's")
    func cosines() {
        for number in -3000...3000 {
            let turns = Double(number) / 1024
            // Exact reduction first: the C library is given an angle below half a turn.
            let angle = (turns - turns.rounded()) * 2 * Double.pi
            #expect((cosine(turns: turns) - cos(angle)).magnitude <= 1e-15)
            #expect((sine(turns: turns) - sin(angle)).magnitude <= 1e-15)
        }
        #expect(cosine(turns: 0) == 1 && cosine(turns: 0.5) == -1)
        #expect(cosine(turns: 0.25).magnitude < 1e-16)
    }
}
