internal import CKernels

/// The moments of the rows of a batch normalisation, to be merged into running statistics in shard
/// order.
public struct BatchMoments: Sendable {
    /// The number of rows.
    public let count: Int
    /// The mean of each column, 1 x columns.
    public let mean: Tensor
    /// The biased variance of each column, 1 x columns; the unbiased one is
    /// `count / (count - 1)` times that.
    public let variance: Tensor

    /// Moments of `count` rows.
    public init(count: Int, mean: Tensor, variance: Tensor) {
        self.count = count
        self.mean = mean.detached
        self.variance = variance.detached
    }
}

extension Tensor {
    /// Columns normalised by the statistics of the same rows, then scaled and shifted.
    ///
    /// Forward: `y = h ⊙ scale + shift`, `h = (x - mean) / √(variance + ε)`, mean and biased
    /// variance of each column; with `gelu`, the GELU of that in the same pass. Backward, g being
    /// dy (times GELU's derivative): `dscale = Σ_rows g ⊙ h`, `dshift = Σ_rows g`,
    /// `dx = scale / √(variance + ε) (g - mean g - h mean(g ⊙ h))`.
    public func batchNormTraining(
        scale: Tensor, shift: Tensor, epsilon: Float = 1e-3, gelu: Bool = false
    ) -> (value: Tensor, moments: BatchMoments) {
        var mean = [Double](repeating: 0, count: columns)
        var variance = mean
        unsafe dj_column_moments(storage.base, rows, columns, &mean, &variance)
        let normalization = Normalization(
            mean: mean, variance: variance, epsilon: epsilon, scale: scale, shift: shift,
            gelu: gelu)
        let value = normalized(by: normalization, measured: true, scale: scale, shift: shift)
        let moments = BatchMoments(count: rows, mean: .row(mean), variance: .row(variance))
        return (value, moments)
    }

    /// Columns normalised by given statistics, then scaled and shifted: batch normalisation in
    /// evaluation.
    ///
    /// Forward: `y = (x - mean) / √(variance + ε) ⊙ scale + shift`; with `gelu`, the GELU of that.
    /// Backward: `dx = g ⊙ scale / √(variance + ε)`, `dscale = Σ_rows g ⊙ h`, `dshift = Σ_rows g`,
    /// as in ``batchNormTraining(scale:shift:epsilon:gelu:)``; mean and variance are constants.
    public func batchNorm(
        scale: Tensor, shift: Tensor, mean: Tensor, variance: Tensor, epsilon: Float = 1e-3,
        gelu: Bool = false
    ) -> Tensor {
        let normalization = Normalization(
            mean: mean.values.map(Double.init), variance: variance.values.map(Double.init),
            epsilon: epsilon, scale: scale, shift: shift, gelu: gelu)
        return normalized(by: normalization, measured: false, scale: scale, shift: shift)
    }

    private func normalized(
        by normalization: Normalization, measured: Bool, scale: Tensor, shift: Tensor
    ) -> Tensor {
        precondition(
            normalization.columns == columns,
            "batchNorm: rows of \(columns) values, statistics of \(normalization.columns).")
        let y = normalization.forward(self)
        let needsInput = requiresGradient
        let needsScale = scale.requiresGradient || shift.requiresGradient
        return .operation("batchNorm", [self, scale, shift], value: y) { [x = detached] dy in
            let zeros = [Double](repeating: 0, count: x.columns)
            let (along, all) =
                needsScale || measured ? normalization.sums(x, dy) : (zeros, zeros)
            // Statistics of the same rows depend on x, given ones do not: only then do means count.
            let n = Double(max(x.rows, 1))
            let dx =
                needsInput
                ? normalization.backward(
                    x, dy, meanGradient: measured ? all.map { $0 / n } : zeros,
                    slope: measured ? along.map { $0 / n } : zeros) : nil
            return needsScale ? [dx, .row(along), .row(all)] : [dx, nil, nil]
        }
    }
}

/// `(x - mean) factor scale + shift` per column, with or without GELU.
private struct Normalization {
    /// The mean as the sum of two Float32, so that a large one costs no accuracy.
    let high: Tensor
    let low: Tensor
    let factor: Tensor
    let scale: Tensor
    let shift: Tensor
    let gelu: Int32
    var columns: Int { factor.columns }

    init(
        mean: [Double], variance: [Double], epsilon: Float, scale: Tensor, shift: Tensor,
        gelu: Bool
    ) {
        precondition(
            mean.count == variance.count && scale.rows == 1 && shift.rows == 1
                && scale.columns == mean.count && shift.columns == mean.count,
            "batchNorm: \(mean.count) means, \(variance.count) variances, a scale of "
                + "\(scale.columns), a shift of \(shift.columns).")
        // A Float32 mean alone would shift all values by its rounding error.
        high = .row(mean)
        low = .row(mean.map { $0 - Double(Float($0)) })
        factor = .row(variance.map { 1 / ($0 + Double(epsilon)).squareRoot() })
        self.scale = scale.detached
        self.shift = shift.detached
        self.gelu = gelu ? 1 : 0
    }

    func forward(_ x: Tensor) -> Tensor {
        let y = Tensor.uninitialized(rows: x.rows, columns: x.columns)
        ThreadTeam.forRows(x.rows, operations: 50 * x.columns) { rows in
            let first = rows.lowerBound * x.columns
            unsafe dj_batch_norm(
                x.storage.base + first, high.storage.base, low.storage.base, factor.storage.base,
                scale.storage.base, shift.storage.base, gelu, y.storage.base + first, rows.count,
                x.columns)
        }
        return y
    }

    func sums(_ x: Tensor, _ dy: Tensor) -> (along: [Double], all: [Double]) {
        var along = [Double](repeating: 0, count: x.columns)
        var all = along
        unsafe dj_batch_norm_sums(
            x.storage.base, high.storage.base, low.storage.base, factor.storage.base,
            scale.storage.base, shift.storage.base, gelu, dy.storage.base, &along, &all, x.rows,
            x.columns)
        return (along, all)
    }

    func backward(
        _ x: Tensor, _ dy: Tensor, meanGradient: [Double], slope: [Double]
    ) -> Tensor {
        let dx = Tensor.uninitialized(rows: x.rows, columns: x.columns)
        let meanGradient = Tensor.row(meanGradient)
        let slope = Tensor.row(slope)
        unsafe dj_batch_norm_backward(
            x.storage.base, high.storage.base, low.storage.base, factor.storage.base,
            scale.storage.base, shift.storage.base, gelu, dy.storage.base,
            meanGradient.storage.base, slope.storage.base, dx.storage.base, x.rows, x.columns)
        return dx
    }
}
