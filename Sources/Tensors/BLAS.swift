internal import COpenBLAS

/// The system's BLAS, always on the calling thread alone.
///
/// OpenBLAS's results depend on how many threads share a product, so it never gets more than one:
/// a micro-shard is one thread's work, and several micro-shards are the parallelism.
public enum BLAS {
    /// The kernels OpenBLAS chose for this processor (`SkylakeX`, `Haswell`, …); its environment
    /// variable `OPENBLAS_CORETYPE` pins another.
    public static var coreName: String {
        _ = singleThreaded
        return unsafe String(cString: openblas_get_corename())
    }

    private static let singleThreaded: Void = openblas_set_num_threads(1)

    /// A rectangle of a tensor's storage, perhaps read as its transpose.
    struct Panel {
        let storage: Storage
        let offset: Int
        /// Rows and columns as they lie in memory.
        let rows: Int
        let columns: Int
        /// How many values apart the rows begin.
        let stride: Int
        fileprivate(set) var isTransposed = false

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

        /// The transpose, for a product to read.
        var transposed: Panel { transposed(true) }

        /// The transpose if so; otherwise itself.
        func transposed(_ really: Bool) -> Panel {
            var panel = self
            panel.isTransposed = isTransposed != really
            return panel
        }

        /// Some of its rows.
        func rows(_ range: Range<Int>) -> Panel {
            precondition(range.lowerBound >= 0 && range.upperBound <= rows && !isTransposed)
            return Panel(
                storage: storage, offset: offset + range.lowerBound * stride, rows: range.count,
                columns: columns, stride: stride)
        }

        fileprivate var shape: (rows: Int, columns: Int) {
            isTransposed ? (columns, rows) : (rows, columns)
        }
        fileprivate var operation: CBLAS_TRANSPOSE { isTransposed ? CblasTrans : CblasNoTrans }
        fileprivate var leading: blasint { blasint(max(stride, 1)) }
    }

    /// `a b` as a new tensor; shapes are checked.
    static func product(_ a: Panel, _ b: Panel) -> Tensor {
        let (rows, depth) = a.shape
        precondition(
            b.shape.rows == depth, "There is no product of shapes \(a.shape) and \(b.shape).")
        let c = Tensor.uninitialized(rows: rows, columns: b.shape.columns)
        guard c.rows > 0 && c.columns > 0 else { return c }
        _ = singleThreaded
        unsafe cblas_sgemm(
            CblasRowMajor, a.operation, b.operation, blasint(rows), blasint(c.columns),
            blasint(depth), 1, a.storage.base + a.offset, a.leading, b.storage.base + b.offset,
            b.leading, 0, c.storage.base, blasint(c.columns))
        return c
    }
}

extension Tensor {
    /// All of it, as BLAS sees it.
    var panel: BLAS.Panel {
        BLAS.Panel(storage: storage, offset: 0, rows: rows, columns: columns, stride: columns)
    }
}
