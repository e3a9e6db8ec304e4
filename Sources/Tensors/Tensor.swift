internal import CKernels

/// Float32 numbers in rows: a matrix of `rows` x `columns`, stored row by row.
///
/// Points are rows and channels are columns everywhere in this project; a scalar is 1 x 1 and a
/// bias 1 x columns. A tensor is a value: operations make new ones. A tensor of a ``Tape`` refers to
/// its step there, so that gradients can be propagated to it, and must stay on the tape's thread. A
/// detached tensor (``detached``) may be read from any thread.
public struct Tensor: @unchecked Sendable {
    /// Points, samples or outputs.
    public let rows: Int
    /// Channels.
    public let columns: Int
    /// The values, row by row.
    public let storage: Storage
    /// The tensor's step on a tape; nil for a constant.
    let record: Record?

    struct Record {
        // Not strong: a pullback may capture a tensor of its own tape, and the tape would never end.
        unowned let tape: Tape
        let index: Int
    }

    init(rows: Int, columns: Int, storage: Storage, record: Record? = nil) {
        self.rows = rows
        self.columns = columns
        self.storage = storage
        self.record = record
    }

    /// The number of values: `rows * columns`.
    public var count: Int { rows * columns }

    /// The same values as a constant, on no tape.
    public var detached: Tensor { Tensor(rows: rows, columns: columns, storage: storage) }

    /// Whether gradients are propagated to the tensor.
    public var requiresGradient: Bool { record != nil }
}

// MARK: - Making tensors

extension Tensor {
    /// A tensor with every value equal to `value`.
    public init(rows: Int, columns: Int, filledWith value: Float) {
        precondition(rows >= 0 && columns >= 0, "A tensor cannot have \(rows) x \(columns) values.")
        self = .uninitialized(rows: rows, columns: columns)
        unsafe dj_fill(storage.base, value, count)
    }

    /// A tensor of zeros.
    public static func zeros(rows: Int, columns: Int) -> Tensor {
        Tensor(rows: rows, columns: columns, filledWith: 0)
    }

    /// A tensor whose values `body` writes; they are unspecified before.
    public init(rows: Int, columns: Int, writing body: (inout MutableSpan<Float>) throws -> Void)
        rethrows
    {
        precondition(rows >= 0 && columns >= 0, "A tensor cannot have \(rows) x \(columns) values.")
        let storage = Storage(count: rows * columns)
        let base = unsafe storage.base
        var values = unsafe MutableSpan(_unsafeStart: base, count: storage.count)
        try body(&values)
        self.init(rows: rows, columns: columns, storage: storage)
    }

    /// A tensor of the given values, row by row.
    public init(rows: Int, columns: Int, _ values: [Float]) {
        precondition(
            values.count == rows * columns, "\(values.count) values for \(rows) x \(columns).")
        self.init(rows: rows, columns: columns) { span in
            for index in span.indices { span[index] = values[index] }
        }
    }

    /// A single number.
    public init(_ scalar: Float) { self.init(rows: 1, columns: 1, filledWith: scalar) }

    /// A tensor whose values kernels will write in full.
    static func uninitialized(rows: Int, columns: Int) -> Tensor {
        Tensor(rows: rows, columns: columns, storage: Storage(count: rows * columns))
    }
}

// MARK: - Reading tensors

extension Tensor {
    /// Calls `body` with the values, row by row.
    public func withValues<Result>(_ body: (Span<Float>) throws -> Result) rethrows -> Result {
        // The pointer is a value of its own: borrowed from the storage's field, the span would end
        // before its use (the release compiler refuses that).
        let base = unsafe storage.base
        let values = unsafe Span(_unsafeStart: base, count: count)
        return try withExtendedLifetime(storage) { try body(values) }
    }

    /// The values as an array, row by row (a copy).
    public var values: [Float] {
        withValues { span in
            [Float](capacity: span.count) { output in
                for index in span.indices { output.append(span[index]) }
            }
        }
    }

    /// The value of a 1 x 1 tensor.
    public var scalar: Float {
        precondition(count == 1, "\(rows) x \(columns) values are not a single number.")
        return withValues { $0[0] }
    }

    /// One value.
    public subscript(row: Int, column: Int) -> Float {
        precondition(row >= 0 && row < rows && column >= 0 && column < columns)
        return withValues { $0[row * columns + column] }
    }

    /// The bytes of the values, little-endian Float32, row by row, without a copy.
    public func withBytes<Result>(_ body: (RawSpan) throws -> Result) rethrows -> Result {
        try withValues { try unsafe body($0.bytes) }
    }
}
