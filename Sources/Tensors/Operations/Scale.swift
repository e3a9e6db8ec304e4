internal import CKernels

extension Tensor {
    /// Every value times a constant.
    ///
    /// Forward: `y = factor x`. Backward: `dx = factor dy`.
    public func scaled(by factor: Float) -> Tensor {
        let y = Tensor.uninitialized(rows: rows, columns: columns)
        unsafe dj_scale(storage.base, factor, y.storage.base, count)
        return .operation("scale", self, value: y) { $0.scaled(by: factor) }
    }
}
