internal import CKernels

extension Tensor {
    /// A bias added to every row.
    ///
    /// Forward: `y = x + b`, b of 1 x columns. Backward: `dx = dy`, `db = Σ_rows dy`.
    public func addedBias(_ bias: Tensor) -> Tensor {
        precondition(
            bias.rows == 1 && bias.columns == columns,
            "addedBias: a bias of \(bias.rows) x \(bias.columns) for rows of \(columns) values.")
        let y = Tensor.uninitialized(rows: rows, columns: columns)
        unsafe dj_add_bias(storage.base, bias.storage.base, y.storage.base, rows, columns)
        let needs = bias.requiresGradient
        return .operation("addBias", [self, bias], value: y) { dy in
            [dy, needs ? dy.columnSums() : nil]
        }
    }
}
