internal import CKernels

/// Many tensors end to end in one run of memory, the form in which gradients and weights are sent.
///
/// Values are copied on every write; places that are never written are zero.
public struct FlatAssembler: ~Copyable {
    private let storage: Storage

    /// Room for `count` values, all zero.
    public init(count: Int) {
        storage = Storage(count: count)
        // A parameter without a gradient is never written, and its gradient is zero.
        unsafe storage.base.update(repeating: 0, count: count)
    }

    /// Copies a tensor's values to the places from `offset` on.
    public mutating func write(_ tensor: Tensor, at offset: Int) {
        precondition(offset >= 0 && offset + tensor.count <= storage.count, "Out of the flat run.")
        unsafe (storage.base + offset).update(from: tensor.storage.base, count: tensor.count)
    }

    /// The assembled values as a tensor of one row.
    public consuming func finished() -> Tensor {
        Tensor(rows: 1, columns: storage.count, storage: storage)
    }
}

extension Tensor {
    /// A tensor of the values at `offset` of this flat run (a copy).
    public func unpacked(at offset: Int, rows: Int, columns: Int) -> Tensor {
        precondition(offset >= 0 && offset + rows * columns <= count, "Out of the flat run.")
        let piece = Tensor.uninitialized(rows: rows, columns: columns)
        unsafe piece.storage.base.update(from: storage.base + offset, count: rows * columns)
        return piece
    }

    /// A tensor of the little-endian Float32 values in `bytes`; `bytes.byteCount` must be
    /// `4 * rows * columns`.
    public init(rows: Int, columns: Int, littleEndianBytes bytes: RawSpan) {
        precondition(bytes.byteCount == 4 * rows * columns, "Bytes of another shape.")
        self = .uninitialized(rows: rows, columns: columns)
        let count = rows * columns
        let base = unsafe UnsafeMutableRawBufferPointer(start: storage.base, count: 4 * count)
        unsafe bytes.withUnsafeBytes { source in unsafe base.copyMemory(from: source) }
    }

    /// A tensor of the little-endian Float32 values in `bytes`, which are read in place and retained by
    /// the tensor; nil if they are not aligned for Float32 values or not `rows * columns` values.
    ///
    /// Nothing is copied. Use it for large tensors: a small one would retain all of its owner's memory.
    public init?(rows: Int, columns: Int, readingIn bytes: some LastingBytes) {
        guard let storage = Storage(readingIn: bytes), storage.count == rows * columns else {
            return nil
        }
        self.init(rows: rows, columns: columns, storage: storage)
    }

    /// Whether every value is finite.
    public var isFinite: Bool {
        var finite = false
        unsafe dj_is_finite(storage.base, count, &finite)
        return finite
    }

    /// The sum of squares, in Double: sixteen sums over every sixteenth value, and those pairwise.
    public var squaredNorm: Double {
        var sum = 0.0
        unsafe dj_sum_of_squares(storage.base, count, &sum)
        return sum
    }

    /// Whether both tensors have the same shape and bits.
    public func isBitIdentical(to other: Tensor) -> Bool {
        rows == other.rows && columns == other.columns
            && withValues { a in
                other.withValues { b in
                    // Bits instead of values: NaN equals itself, and 0 differs from -0.
                    for index in a.indices where a[index].bitPattern != b[index].bitPattern {
                        return false
                    }
                    return true
                }
            }
    }
}

extension Tensor {
    /// The rows of several tensors of the same width, one after another (a copy).
    public static func stackingRows(_ parts: [Tensor]) -> Tensor {
        // A single part needs no copy.
        guard parts.count != 1 else { return parts[0].detached }
        let columns = parts.first?.columns ?? 0
        var flat = FlatAssembler(count: parts.reduce(0) { $0 + $1.count })
        var offset = 0
        for part in parts {
            precondition(part.columns == columns, "Rows of different widths.")
            flat.write(part, at: offset)
            offset += part.count
        }
        let all = flat.finished()
        return Tensor(
            rows: parts.reduce(0) { $0 + $1.rows }, columns: columns, storage: all.storage)
    }
}

extension Tensor {
    /// All of a storage's values as one row.
    public init(flat storage: Storage) {
        self.init(rows: 1, columns: storage.count, storage: storage)
    }
}
