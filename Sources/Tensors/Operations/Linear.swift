internal import CKernels

extension Tensor {
    /// A linear map of each row, with a bias.
    ///
    /// Forward: `y = x Wᵀ + b`, for x of n x in, W of out x in, b of 1 x out; y is n x out.
    /// Backward: `dx = dy W`, `dW = dyᵀ x`, `db = Σ_rows dy`; each only if it is asked for.
    public func linear(_ weight: Tensor, bias: Tensor? = nil) -> Tensor {
        precondition(
            columns == weight.columns,
            "linear: rows of \(columns) values and a weight of \(weight.rows) x \(weight.columns).")
        let y = Tensor.uninitialized(rows: rows, columns: weight.rows)
        y.fillRows(with: bias)
        BLAS.multiply(
            panel, weight.panel.transposed, into: y.panel, beta: bias == nil ? 0 : 1)
        let x = weight.requiresGradient ? detached : nil
        let w = requiresGradient ? weight.detached : nil
        let biased = bias?.requiresGradient ?? false
        return .operation("linear", [self, weight] + (bias.map { [$0] } ?? []), value: y) { dy in
            [
                w.map { BLAS.product(dy.panel, $0.panel) },
                x.map { BLAS.product(dy.panel.transposed, $0.panel) },
                biased ? dy.columnSums() : nil,
            ]
        }
    }

    /// Writes the bias into every row: a product then adds to it, which saves a pass over memory.
    func fillRows(with bias: Tensor?) {
        guard let bias else { return }
        precondition(
            bias.rows == 1 && bias.columns == columns,
            "A bias of \(bias.rows) x \(bias.columns) for rows of \(columns) values.")
        unsafe dj_fill_rows(bias.storage.base, storage.base, rows, columns, columns)
    }
}
