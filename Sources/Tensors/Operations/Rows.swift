internal import CKernels

extension Tensor {
    /// Some consecutive rows.
    ///
    /// Forward: `y = x[range, :]`. Backward: `dx[range, :] = dy`, 0 elsewhere.
    public func rows(_ range: Range<Int>) -> Tensor {
        precondition(
            range.lowerBound >= 0 && range.upperBound <= rows, "rows: \(range) of \(rows).")
        let y = Tensor.uninitialized(rows: range.count, columns: columns)
        unsafe dj_copy_block(
            storage.base + range.lowerBound * columns, y.count, y.storage.base, y.count, 1,
            y.count)
        return .operation("rows", self, value: y) { [rows] dy in
            let dx = Tensor.zeros(rows: rows, columns: dy.columns)
            unsafe dj_copy_block(
                dy.storage.base, dy.count, dx.storage.base + range.lowerBound * dy.columns,
                dy.count, 1, dy.count)
            return dx
        }
    }
}
