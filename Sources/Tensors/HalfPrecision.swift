internal import CKernels

// Float32 values in half the memory: knowledge packs store a teacher's outputs in this form.

extension Tensor {
    /// Calls `body` with the values in IEEE half precision, row by row.
    ///
    /// Rounded to the nearest, ties to even: an error of at most 2^-11 of a value of 2^-14 or more,
    /// and of at most 2^-25 below. Values beyond ±65504 become ±65504.
    public func withHalves<Result>(_ body: (Span<UInt16>) throws -> Result) rethrows -> Result {
        let piece = Storage(count: (count + 1) / 2)
        let base = unsafe UnsafeMutableRawPointer(piece.base).assumingMemoryBound(to: UInt16.self)
        unsafe dj_to_half(storage.base, base, count)
        let halves = unsafe Span(_unsafeStart: UnsafePointer(base), count: count)
        return try withExtendedLifetime(piece) { try body(halves) }
    }

    /// A tensor of values in IEEE half precision, converted exactly, which `body` writes; they are
    /// unspecified before.
    public static func fromHalves(
        rows: Int, columns: Int, writing body: (inout MutableSpan<UInt16>) throws -> Void
    ) rethrows -> Tensor {
        precondition(rows >= 0 && columns >= 0, "A tensor cannot have \(rows) x \(columns) values.")
        let tensor = Tensor.uninitialized(rows: rows, columns: columns)
        let count = tensor.count
        let piece = Storage(count: (count + 1) / 2)
        let base = unsafe UnsafeMutableRawPointer(piece.base).assumingMemoryBound(to: UInt16.self)
        try withExtendedLifetime(piece) {
            var halves = unsafe MutableSpan(_unsafeStart: base, count: count)
            try body(&halves)
            unsafe dj_from_half(base, tensor.storage.base, count)
        }
        return tensor
    }
}
