/// A rectangle of a tensor's storage, perhaps read as its transpose.
struct Panel {
    let storage: Storage
    let offset: Int
    /// Rows and columns as they lie in memory.
    let rows: Int
    let columns: Int
    /// The distance between the beginnings of two rows, in values.
    let stride: Int
    private(set) var isTransposed = false

    /// A rectangle that must lie within the storage.
    init(storage: Storage, offset: Int, rows: Int, columns: Int, stride: Int) {
        precondition(rows >= 0 && columns >= 0 && offset >= 0 && stride >= columns)
        precondition(
            rows == 0 || offset + (rows - 1) * stride + columns <= storage.count,
            "A panel of \(rows) x \(columns) does not fit into \(storage.count) values.")
        self.storage = storage
        self.offset = offset
        self.rows = rows
        self.columns = columns
        self.stride = stride
    }

    /// Rows and columns as products read them.
    var shape: (rows: Int, columns: Int) { isTransposed ? (columns, rows) : (rows, columns) }

    /// The transpose, without moving values.
    var transposed: Panel { transposed(true) }

    /// The transpose if so; otherwise the same panel.
    func transposed(_ really: Bool) -> Panel {
        var panel = self
        panel.isTransposed = isTransposed != really
        return panel
    }

    /// Consecutive rows of a panel that is not transposed.
    func rows(_ range: Range<Int>) -> Panel {
        precondition(range.lowerBound >= 0 && range.upperBound <= rows && !isTransposed)
        return Panel(
            storage: storage, offset: offset + range.lowerBound * stride, rows: range.count,
            columns: columns, stride: stride)
    }

    /// Consecutive columns of a panel that is not transposed.
    func columns(_ range: Range<Int>) -> Panel {
        precondition(range.lowerBound >= 0 && range.upperBound <= columns && !isTransposed)
        return Panel(
            storage: storage, offset: offset + range.lowerBound, rows: rows, columns: range.count,
            stride: stride)
    }
}

extension Tensor {
    /// The whole tensor.
    var panel: Panel {
        Panel(storage: storage, offset: 0, rows: rows, columns: columns, stride: columns)
    }
}
