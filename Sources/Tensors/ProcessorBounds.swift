internal import CKernels

/// The maximum arithmetic and bandwidth of one thread of this processor, by measurement.
///
/// A kernel's time is bounded below by its operations over ``arithmetic(rounds:)`` and by the bytes
/// it must move over ``bandwidth(bytes:)``.
public enum ProcessorBounds {
    /// Floating-point operations a second: fused multiply-adds (two operations each) in registers,
    /// at the kernels' width in force; the best of five runs.
    public static func arithmetic(rounds: Int = 4_000_000) -> Double {
        var sum: Float = 0
        var operations: UInt64 = 0
        let seconds = best(of: 5) {
            unsafe dj_multiply_adds(rounds, &sum, &operations)
        }
        precondition(sum > 0, "The multiply-adds were optimised away.")
        return Double(operations) / seconds
    }

    /// Bytes a second that `y = a + s b` moves with three arrays of the given total size: those of a
    /// cache if the arrays fit there, else of main memory.
    ///
    /// STREAM's triad (McCalpin, 1995), counted as there: two reads and a write; the best of five
    /// runs of at least a hundredth of a second.
    public static func bandwidth(bytes: Int) -> Double {
        let count = max(bytes / (3 * MemoryLayout<Float>.stride), 16)
        let a = Tensor(rows: 1, columns: count, filledWith: 1)
        let b = Tensor(rows: 1, columns: count, filledWith: 2)
        let y = Tensor(rows: 1, columns: count, filledWith: 0)
        func run(_ passes: Int) -> Double {
            best(of: 5) {
                for _ in 0..<passes {
                    unsafe dj_triad(
                        a.storage.base, b.storage.base, 3, y.storage.base, count)
                }
            }
        }
        // At least a hundredth of a second: the clock and interrupts distort shorter runs.
        let passes = max(1, Int(0.01 / max(run(1), 1e-9)))
        return Double(passes * count * 3 * MemoryLayout<Float>.stride) / run(passes)
    }

    /// Bytes a second that one thread copies in main memory, each byte counted once although it is
    /// read and written; the best of five runs over a gibibyte, one mebibyte at a time.
    public static func copyBandwidth() -> Double {
        let piece = 1 << 20
        let places = 256
        let count = piece / MemoryLayout<Float>.stride
        let sources = (0..<places).map { Tensor(rows: 1, columns: count, filledWith: Float($0)) }
        var target = FlatAssembler(count: places * count)
        let seconds = best(of: 5) {
            for _ in 0..<4 {
                for place in 0..<places { target.write(sources[place], at: place * count) }
            }
        }
        return Double(4 * places * piece) / seconds
    }

    private static func best(of runs: Int, _ body: () -> Void) -> Double {
        var least = Double.infinity
        for _ in 0..<runs {
            let start = ContinuousClock.now
            body()
            least = min(least, (ContinuousClock.now - start) / .seconds(1))
        }
        return least
    }
}
