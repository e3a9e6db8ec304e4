internal import CKernels

extension Tensor {
    /// The sum of two tensors of the same shape.
    ///
    /// Forward: `y = a + b`. Backward: `da = dy`, `db = dy`.
    public static func + (a: Tensor, b: Tensor) -> Tensor {
        precondition(a.rows == b.rows && a.columns == b.columns, "+: shapes differ.")
        let y = Tensor.uninitialized(rows: a.rows, columns: a.columns)
        ThreadTeam.forRows(a.rows, operations: 16 * a.columns) { rows in
            let first = rows.lowerBound * a.columns
            unsafe dj_add(
                a.storage.base + first, b.storage.base + first, y.storage.base + first,
                rows.count * a.columns)
        }
        return .operation("add", [a, b], value: y) { dy in [dy, dy] }
    }

    /// The sum, written over `self` where nobody else holds it; for gradients, which have no tape.
    consuming func adding(_ other: Tensor) -> Tensor {
        precondition(
            rows == other.rows && columns == other.columns, "Gradients of different shapes.")
        let rows = rows
        let columns = columns
        var storage = storage
        // `self` is gone from here on, so that the uniqueness of its storage can be asked.
        _ = consume self
        if isKnownUniquelyReferenced(&storage) {
            unsafe dj_add(storage.base, other.storage.base, storage.base, storage.count)
            return Tensor(rows: rows, columns: columns, storage: storage)
        }
        let sum = Storage(count: storage.count)
        unsafe dj_add(storage.base, other.storage.base, sum.base, sum.count)
        return Tensor(rows: rows, columns: columns, storage: sum)
    }
}
