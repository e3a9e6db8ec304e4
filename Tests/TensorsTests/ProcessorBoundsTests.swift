import CKernels
import Tensors
import Testing

@Suite("Processor bounds")
struct ProcessorBoundsTests {
    @Test("measured rates are positive numbers")
    func rates() {
        #expect(ProcessorBounds.arithmetic(rounds: 1000) > 0)
        #expect(ProcessorBounds.bandwidth(bytes: 1 << 14) > 0)
    }

    @Test(
        "multiply-adds of every width count their operations and sum terms that tend to one",
        arguments: [0, 3, 4])
    func operations(width: Int32) {
        dj_set_thread_width(width)
        defer { dj_set_thread_width(-1) }
        var once: UInt64 = 0
        var tenfold: UInt64 = 0
        var sum: Float = 0
        unsafe dj_multiply_adds(20, &sum, &once)
        unsafe dj_multiply_adds(200, &sum, &tenfold)
        #expect(once > 0 && tenfold == 10 * once)
        // Each lane of each chain has become 1.
        #expect(Double(sum) == Double(once) / 20 / 2)
    }

    @Test("the triad computes a + s b")
    func triad() {
        var y = [Float](repeating: 0, count: 3)
        unsafe dj_triad([1, 2, 3], [10, 20, 30], 2, &y, 3)
        #expect(y == [21, 42, 63])
    }
}
