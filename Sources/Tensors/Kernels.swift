internal import CKernels

/// The vector width of the kernels of this process.
public enum Kernels {
    /// The width in force: 4 (AVX-512), 3 (AVX2 with fused multiply-add) or 0 (the baseline; NEON on
    /// Arm).
    ///
    /// Every width computes the same bits.
    public static var width: Int { Int(dj_width()) }

    /// Pins a width for the whole process, or the next lower one this processor has.
    ///
    /// Call it before any work begins.
    /// - Returns: the width in force.
    @discardableResult
    public static func pin(width: Int) -> Int { Int(dj_set_width(Int32(width))) }

    /// Runs `body` with a width pinned for the calling thread only, to compare widths while other
    /// threads compute.
    public static func withWidth<Result>(
        _ width: Int, _ body: () throws -> Result
    ) rethrows -> Result {
        dj_set_thread_width(Int32(width))
        defer { dj_set_thread_width(-1) }
        return try body()
    }
}
