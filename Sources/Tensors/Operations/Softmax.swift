internal import CKernels

extension Tensor {
    /// The softmax of each row.
    ///
    /// Forward: `y = exp(x - max x) / Σ exp(x - max x)`.
    /// Backward: `dx = y ⊙ (dy - Σ dy ⊙ y)`.
    public func softmax() -> Tensor {
        let y = Tensor.uninitialized(rows: rows, columns: columns)
        unsafe dj_softmax(storage.base, y.storage.base, rows, columns)
        return .operation("softmax", self, value: y) { [y] dy in
            let dx = Tensor.uninitialized(rows: dy.rows, columns: dy.columns)
            unsafe dj_softmax_backward(
                y.storage.base, dy.storage.base, dx.storage.base, dy.rows, dy.columns)
            return dx
        }
    }
}
