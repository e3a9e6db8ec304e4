internal import CKernels

extension Tensor {
    /// The element-wise product of two tensors of the same shape.
    ///
    /// Forward: `y = a ⊙ b`. Backward: `da = dy ⊙ b`, `db = dy ⊙ a`.
    public static func * (a: Tensor, b: Tensor) -> Tensor {
        precondition(a.rows == b.rows && a.columns == b.columns, "*: shapes differ.")
        let y = Tensor.uninitialized(rows: a.rows, columns: a.columns)
        unsafe dj_multiply(a.storage.base, b.storage.base, y.storage.base, a.count)
        // The gradient of one factor needs the other: keep only what will be used.
        let keptA = b.requiresGradient ? a.detached : nil
        let keptB = a.requiresGradient ? b.detached : nil
        return .operation("multiply", [a, b], value: y) { dy in
            [keptB.map { dy * $0 }, keptA.map { dy * $0 }]
        }
    }
}
