import Tensors
import Testing

@Suite("Numerics")
struct NumericsTests {
    @Test("the fingerprint is the same every time and on every thread")
    func stable() async {
        let reference = Numerics.fingerprint()
        #expect(reference.hash.count == 32)
        #expect(reference.coreName == BLAS.coreName && !reference.coreName.isEmpty)
        #expect(reference.description.hasPrefix(reference.coreName))
        await withTaskGroup(of: Numerics.Fingerprint.self) { group in
            for _ in 0..<4 { group.addTask { Numerics.fingerprint() } }
            for await other in group { #expect(other == reference) }
        }
    }

    @Test("kernel widths 3 and 4 have the same fingerprint hash, the baseline another")
    func widths() {
        let four = Kernels.withWidth(4) { Numerics.fingerprint() }
        let three = Kernels.withWidth(3) { Numerics.fingerprint() }
        let baseline = Kernels.withWidth(0) { Numerics.fingerprint() }
        #expect(three.hash == four.hash)
        #expect(baseline.kernelWidth == 0)
        #if arch(x86_64)
            if three.kernelWidth == 3 { #expect(baseline.hash != three.hash) }
        #endif
    }
}
