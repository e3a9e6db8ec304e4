extension Tensor {
    /// A linear map of each row, with a bias.
    ///
    /// Forward: `y = r + f (x Wᵀ + b)`, for x of n x in, W of out x in, b of 1 x out; y is n x out.
    /// r is the `residual`, 0 if there is none, and f the `factors`, one a row, 1 if there are
    /// none. Backward: `dx = f dy W`, `dW = (f dy)ᵀ x`, `db = Σ_rows f dy`, `dr = dy`; each only for
    /// operands that require a gradient.
    public func linear(
        _ weight: Tensor, bias: Tensor? = nil, factors: [Float]? = nil,
        addedTo residual: Tensor? = nil
    ) -> Tensor {
        precondition(
            columns == weight.columns,
            "linear: rows of \(columns) values and a weight of \(weight.rows) x \(weight.columns).")
        let y = Tensor.uninitialized(rows: rows, columns: weight.rows)
        panel.multiply(
            by: weight.packed(), bias: bias, factors: factors, addedTo: residual?.panel,
            into: y.panel)
        // A pullback keeps only what it needs: the input for dW, the weight for dx.
        let x = weight.requiresGradient ? detached : nil
        let w = requiresGradient ? weight.detached : nil
        let biased = bias?.requiresGradient ?? false
        let inputs = [self, weight] + [bias, residual].compactMap { $0 }
        let (hasBias, hasResidual) = (bias != nil, residual != nil)
        return .operation("linear", inputs, value: y) { dy in
            let own = factors.map { dy.scaledRows(by: $0) } ?? dy
            return [w.map { own.product(with: $0) }, x.map { own.product(transposedWith: $0) }]
                + (hasBias ? [biased ? own.columnSums() : nil] : []) + (hasResidual ? [dy] : [])
        }
    }

    /// `self W`, for a weight of columns x in: the gradient by a linear map's input.
    func product(with weight: Tensor) -> Tensor {
        let result = Tensor.uninitialized(rows: rows, columns: weight.columns)
        panel.multiply(by: weight.packed(mirrored: true), into: result.panel)
        return result
    }

    /// `selfᵀ x`: the gradient of a linear map's weight.
    func product(transposedWith x: Tensor) -> Tensor {
        let result = Tensor.uninitialized(rows: columns, columns: x.columns)
        panel.multiplyTransposed(by: x.panel, into: result.panel)
        return result
    }
}
