internal import CKernels

extension Tensor {
    /// Each row divided by its Euclidean length.
    ///
    /// Forward: `y = x / max(|x|, ε)`, as PyTorch's `F.normalize`.
    /// Backward: `dx = (dy - y (y · dy)) / |x|`; where |x| <= ε, `dx = dy / ε`.
    public func normalizedRows(epsilon: Float = 1e-12) -> Tensor {
        let y = Tensor.uninitialized(rows: rows, columns: columns)
        let factors = Tensor.uninitialized(rows: rows, columns: 1)
        unsafe dj_normalize_rows(
            storage.base, epsilon, y.storage.base, factors.storage.base, rows, columns)
        return .operation("normalizedRows", self, value: y) { [y, factors] dy in
            let dx = Tensor.uninitialized(rows: dy.rows, columns: dy.columns)
            unsafe dj_normalize_rows_backward(
                y.storage.base, factors.storage.base, epsilon, dy.storage.base, dx.storage.base,
                dy.rows, dy.columns)
            return dx
        }
    }
}
