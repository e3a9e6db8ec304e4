internal import CKernels

extension Tensor {
    /// The logarithm of the softmax of each row.
    ///
    /// Forward: `y = x - max x - log Σ exp(x - max x)`.
    /// Backward: `dx = dy - exp(y) Σ dy`.
    public func logSoftmax() -> Tensor {
        let y = Tensor.uninitialized(rows: rows, columns: columns)
        unsafe dj_log_softmax(storage.base, y.storage.base, rows, columns)
        return .operation("logSoftmax", self, value: y) { [y] dy in
            let dx = Tensor.uninitialized(rows: dy.rows, columns: dy.columns)
            unsafe dj_log_softmax_backward(
                y.storage.base, dy.storage.base, dx.storage.base, dy.rows, dy.columns)
            return dx
        }
    }
}
