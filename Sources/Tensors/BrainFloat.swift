internal import CKernels

// Float32 values rounded to bfloat16 (8 bits of mantissa), for gradients on slow networks. A rounded
// value is an ordinary Float32 and is sent in half its bytes without loss.

extension Tensor {
    /// Each value rounded to bfloat16: to the nearest, ties to even.
    ///
    /// An error of at most 2^-9 of a value. Rounding twice changes nothing; infinities and NaN stay.
    public func roundedToBFloat16() -> Tensor {
        let rounded = Tensor.uninitialized(rows: rows, columns: columns)
        unsafe dj_round_bfloat(storage.base, rounded.storage.base, count)
        return rounded
    }

    /// The values as bfloat16, two in the place of each Float32, in one row; an odd number is padded
    /// with a zero.
    ///
    /// For transmission only: the result contains bits, not numbers.
    public func packedAsBFloat16() -> Tensor {
        let packed = Tensor.uninitialized(rows: 1, columns: (count + 1) / 2)
        let halves = unsafe UnsafeMutableRawPointer(packed.storage.base)
            .assumingMemoryBound(to: UInt16.self)
        if !count.isMultiple(of: 2) { unsafe halves[count] = 0 }
        unsafe dj_to_bfloat(storage.base, halves, count)
        return packed
    }

    /// The flat run of `count` values that ``packedAsBFloat16()`` packed; nil if `packed` holds
    /// another number of them.
    public init?(unpackingBFloat16 packed: Tensor, count: Int) {
        guard count >= 0, packed.count == (count + 1) / 2 else { return nil }
        self = .uninitialized(rows: 1, columns: count)
        let halves = unsafe UnsafeRawPointer(packed.storage.base)
            .assumingMemoryBound(to: UInt16.self)
        unsafe dj_from_bfloat(halves, storage.base, count)
    }
}
