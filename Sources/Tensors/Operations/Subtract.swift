internal import CKernels

extension Tensor {
    /// The difference of two tensors of the same shape.
    ///
    /// Forward: `y = a - b`. Backward: `da = dy`, `db = -dy`.
    public static func - (a: Tensor, b: Tensor) -> Tensor {
        precondition(a.rows == b.rows && a.columns == b.columns, "-: shapes differ.")
        let y = Tensor.uninitialized(rows: a.rows, columns: a.columns)
        unsafe dj_subtract(a.storage.base, b.storage.base, y.storage.base, a.count)
        let needs = b.requiresGradient
        return .operation("subtract", [a, b], value: y) { dy in
            [dy, needs ? dy.scaled(by: -1) : nil]
        }
    }
}
