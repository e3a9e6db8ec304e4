extension Tensor {
    /// The product of two matrices, either transposed if asked to.
    ///
    /// Forward: `y = op(a) op(b)`. Backward, for op the identity: `da = dy bᵀ`, `db = aᵀ dy`; a
    /// transposed factor's gradient is the transpose of that.
    public func matmul(
        _ other: Tensor, transposingSelf: Bool = false, transposingOther: Bool = false
    ) -> Tensor {
        let y = BLAS.product(
            panel.transposed(transposingSelf), other.panel.transposed(transposingOther))
        let a = other.requiresGradient ? panel.transposed(!transposingSelf) : nil
        let b = requiresGradient ? other.panel.transposed(!transposingOther) : nil
        return .operation("matmul", [self, other], value: y) { dy in
            let dy = dy.panel
            return [
                b.map {
                    transposingSelf
                        ? BLAS.product($0.transposed, dy.transposed) : BLAS.product(dy, $0)
                },
                a.map {
                    transposingOther
                        ? BLAS.product(dy.transposed, $0.transposed) : BLAS.product($0, dy)
                },
            ]
        }
    }
}
