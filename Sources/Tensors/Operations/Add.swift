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

    /// The sum, written over an operand without other references; for gradients, which are on no
    /// tape.
    public consuming func adding(_ other: consuming Tensor) -> Tensor {
        precondition(
            rows == other.rows && columns == other.columns, "Gradients of different shapes.")
        let (rows, columns) = (rows, columns)
        var (mine, others) = (storage, other.storage)
        // Both end here: their own references would hide that no other reference exists.
        _ = consume self
        _ = consume other
        let sum =
            Storage.mayBeWritten(&mine)
            ? mine : Storage.mayBeWritten(&others) ? others : Storage(count: mine.count)
        unsafe dj_add(mine.base, others.base, sum.base, sum.count)
        return Tensor(rows: rows, columns: columns, storage: sum)
    }
}
