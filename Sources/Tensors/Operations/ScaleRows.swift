internal import CKernels

extension Tensor {
    /// Each row times its own constant.
    ///
    /// Forward: `y_r = factors_r x_r`. Backward: `dx_r = factors_r dy_r`.
    public func scaledRows(by factors: [Float]) -> Tensor {
        precondition(factors.count == rows, "scaledRows: \(factors.count) factors, \(rows) rows.")
        let y = Tensor.uninitialized(rows: rows, columns: columns)
        unsafe dj_scale_rows(storage.base, factors, y.storage.base, rows, columns)
        return .operation("scaleRows", self, value: y) { $0.scaledRows(by: factors) }
    }
}
