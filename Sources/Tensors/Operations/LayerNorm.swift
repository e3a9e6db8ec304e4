internal import CKernels

extension Tensor {
    /// Normalisation of each row to mean 0 and variance 1, then scale and shift by column.
    ///
    /// Forward: `y = r + h ⊙ scale + shift`, `h = (x - mean x) / √(var x + ε)` per row, the variance
    /// biased, r the `residual` if there is one. Backward, with g = dy ⊙ scale:
    /// `dx = (g - mean g - h mean(g ⊙ h)) / √(var x + ε)`, `dscale = Σ_rows dy ⊙ h`,
    /// `dshift = Σ_rows dy`, `dr = dy`.
    ///
    /// Backward keeps only x and computes the moments of its rows again, without a further pass over
    /// memory.
    public func layerNorm(
        scale: Tensor, shift: Tensor, epsilon: Float = 1e-5, addedTo residual: Tensor? = nil
    ) -> Tensor {
        precondition(
            scale.rows == 1 && scale.columns == columns && shift.rows == 1
                && shift.columns == columns,
            "layerNorm: rows of \(columns) values, a scale of \(scale.columns), a shift of "
                + "\(shift.columns).")
        if let residual {
            precondition(
                residual.rows == rows && residual.columns == columns, "layerNorm: shapes differ.")
        }
        let y = Tensor.uninitialized(rows: rows, columns: columns)
        ThreadTeam.forRows(rows, operations: 16 * columns) { rows in
            let first = rows.lowerBound * columns
            unsafe dj_layer_norm(
                storage.base + first, scale.storage.base, shift.storage.base,
                residual.map { unsafe $0.storage.base + first }, epsilon, y.storage.base + first,
                rows.count, columns)
        }
        let needsInput = requiresGradient
        let needsScale = scale.requiresGradient || shift.requiresGradient
        let inputs = [self, scale, shift] + (residual.map { [$0] } ?? [])
        return .operation("layerNorm", inputs, value: y) {
            [x = detached, scale = scale.detached] dy in
            let dx = needsInput ? Tensor.uninitialized(rows: x.rows, columns: x.columns) : nil
            guard needsScale else {
                unsafe dj_layer_norm_backward(
                    x.storage.base, scale.storage.base, dy.storage.base, epsilon,
                    dx?.storage.base, nil, nil, x.rows, x.columns)
                return [dx, nil, nil, dy]
            }
            var dscale = [Double](repeating: 0, count: x.columns)
            var dshift = dscale
            unsafe dj_layer_norm_backward(
                x.storage.base, scale.storage.base, dy.storage.base, epsilon, dx?.storage.base,
                &dscale, &dshift, x.rows, x.columns)
            return [dx, .row(dscale), .row(dshift), dy]
        }
    }
}
