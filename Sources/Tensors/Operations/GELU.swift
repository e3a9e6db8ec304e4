internal import CKernels

extension Tensor {
    /// The Gaussian error linear unit, exact (Hendrycks and Gimpel, 2016; not the tanh form).
    ///
    /// Forward: `y = x Φ(x)`, Φ(x) = (1 + erf(x / √2)) / 2.
    /// Backward: `dx = dy (Φ(x) + x φ(x))`, φ(x) = exp(-x² / 2) / √(2π).
    public func gelu() -> Tensor {
        let y = Tensor.uninitialized(rows: rows, columns: columns)
        ThreadTeam.forRows(rows, operations: 50 * columns) { rows in
            let first = rows.lowerBound * columns
            unsafe dj_gelu(storage.base + first, y.storage.base + first, rows.count * columns)
        }
        return .operation("gelu", self, value: y) { [x = detached] dy in
            let dx = Tensor.uninitialized(rows: dy.rows, columns: dy.columns)
            unsafe dj_gelu_backward(x.storage.base, dy.storage.base, dx.storage.base, dy.count)
            return dx
        }
    }
}
