extension Matrix64 {
    /// The reference of `matmul(_:transposingSelf:transposingOther:)`.
    package func matmul(
        _ other: Matrix64, transposingSelf: Bool = false, transposingOther: Bool = false
    ) -> Matrix64 {
        let a = transposingSelf ? transposed : self
        let b = transposingOther ? other : other.transposed
        precondition(a.columns == b.columns)
        return Matrix64(rows: a.rows, columns: b.rows) { row, column in
            zip(a[row: row], b[row: column]).reduce(0) { $0 + $1.0 * $1.1 }
        }
    }

    /// The reference of `linear(_:bias:)`.
    package func linear(_ weight: Matrix64, bias: Matrix64? = nil) -> Matrix64 {
        let product = matmul(weight, transposingOther: true)
        return bias.map { product.addedBias($0) } ?? product
    }

    /// The reference of `mlp(fc1:_:fc2:_:)`.
    package func mlp(fc1 w1: Matrix64, _ b1: Matrix64, fc2 w2: Matrix64, _ b2: Matrix64) -> Matrix64
    {
        linear(w1, bias: b1).gelu().linear(w2, bias: b2)
    }
}
