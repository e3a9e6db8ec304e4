internal import CKernels

extension Tensor {
    /// Some columns.
    ///
    /// Forward: `y = x[:, range]`. Backward: `dx[:, range] = dy`, 0 elsewhere.
    public func columns(_ range: Range<Int>) -> Tensor {
        precondition(
            range.lowerBound >= 0 && range.upperBound <= columns,
            "columns: \(range) of \(columns).")
        let y = Tensor.uninitialized(rows: rows, columns: range.count)
        unsafe dj_copy_block(
            storage.base + range.lowerBound, columns, y.storage.base, range.count, rows,
            range.count)
        return .operation("columns", self, value: y) { [columns] dy in
            let dx = Tensor.zeros(rows: dy.rows, columns: columns)
            unsafe dj_copy_block(
                dy.storage.base, dy.columns, dx.storage.base + range.lowerBound, columns, dy.rows,
                dy.columns)
            return dx
        }
    }
}
