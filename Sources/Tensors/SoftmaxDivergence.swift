internal import CKernels

extension Tensor {
    /// The divergence of each row's softmax from that of `target`, and its direction of change.
    ///
    /// With p = softmax(target / T) and q = softmax(self / T), row by row:
    /// `divergences` are KL(p || q) = Σ p (log p - log q), and `difference` is q - p. The gradient
    /// of a row's divergence by the row of `self` is `difference / T`; the gradient by `target` is not
    /// computed. Both tensors are n x k and are read as constants. Two exponentials an entry, and no
    /// logarithm of a probability: finite for any finite values.
    ///
    /// The divergences have an absolute error of about 1e-7, as differences of logarithms; the
    /// `difference` does not.
    public func softmaxDivergence(to target: Tensor, temperature: Float) -> (
        divergences: [Double], difference: Tensor
    ) {
        precondition(
            rows == target.rows && columns == target.columns,
            "softmaxDivergence: \(rows) x \(columns) beside \(target.rows) x \(target.columns).")
        precondition(temperature > 0, "softmaxDivergence: a temperature is positive.")
        let difference = Tensor.uninitialized(rows: rows, columns: columns)
        let scratch = Storage(count: columns)
        var sums = [Double](repeating: 0, count: 3 * rows)
        unsafe sums.withUnsafeMutableBufferPointer { sums in
            guard let sums = sums.baseAddress else { return }
            unsafe dj_softmax_divergence(
                storage.base, target.storage.base, 1 / temperature, difference.storage.base, sums,
                scratch.base, rows, columns)
        }
        var divergences = [Double](repeating: 0, count: rows)
        if columns > 0 {
            for row in 0..<rows {
                let own = sums[3 * row]
                let wanted = sums[3 * row + 1]
                divergences[row] = sums[3 * row + 2] / wanted + logarithm(own / wanted)
            }
        }
        return (divergences, difference)
    }
}
