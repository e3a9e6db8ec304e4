extension Tensor {
    /// The product of two matrices, either of which may be transposed.
    ///
    /// Forward: `y = op(a) op(b)`. Backward, for op the identity: `da = dy bᵀ`, `db = aᵀ dy`; a
    /// transposed factor's gradient is the transpose of that.
    public func matmul(
        _ other: Tensor, transposingSelf: Bool = false, transposingOther: Bool = false
    ) -> Tensor {
        let y = panel.transposed(transposingSelf).product(
            with: other.panel.transposed(transposingOther))
        // The gradient of one factor needs the other: keep only what will be used.
        let a = other.requiresGradient ? panel.transposed(!transposingSelf) : nil
        let b = requiresGradient ? other.panel.transposed(!transposingOther) : nil
        return .operation("matmul", [self, other], value: y) { dy in
            let dy = dy.panel
            return [
                b.map {
                    transposingSelf
                        ? $0.transposed.product(with: dy.transposed) : dy.product(with: $0)
                },
                a.map {
                    transposingOther
                        ? dy.transposed.product(with: $0.transposed) : $0.product(with: dy)
                },
            ]
        }
    }
}
