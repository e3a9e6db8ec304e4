internal import CKernels

extension Tensor {
    /// Two linear maps with GELU between them, for blocks of rows at a time.
    ///
    /// Forward: `y = gelu(u) W₂ᵀ + b₂`, `u = x W₁ᵀ + b₁`, for x of n x in, W₁ of hidden x in, W₂ of
    /// out x hidden. Backward, with h = gelu(u): `dW₂ = dyᵀ h`, `db₂ = Σ dy`,
    /// `du = (dy W₂) ⊙ gelu'(u)`, `dW₁ = duᵀ x`, `db₁ = Σ du`, `dx = du W₁`.
    ///
    /// The hidden values of a block stay in the cache; all n of them never stand in memory.
    /// Backward keeps x alone and computes u again.
    public func mlp(fc1 w1: Tensor, _ b1: Tensor, fc2 w2: Tensor, _ b2: Tensor) -> Tensor {
        precondition(
            w1.columns == columns && w2.columns == w1.rows,
            "mlp: rows of \(columns) values, weights of \(w1.rows) x \(w1.columns) and "
                + "\(w2.rows) x \(w2.columns).")
        let network = HiddenLayer(w1: w1.detached, b1: b1.detached, w2: w2.detached)
        let y = Tensor.uninitialized(rows: rows, columns: w2.rows)
        y.fillRows(with: b2)
        network.forward(self, adding: y)
        let inputs = [self, w1, b1, w2, b2]
        return .operation("mlp", inputs, value: y) {
            [x = detached, needs = inputs.map(\.requiresGradient)] dy in
            network.backward(x, dy, needs: needs)
        }
    }
}

private struct HiddenLayer {
    let w1: Tensor
    let b1: Tensor
    let w2: Tensor

    /// Rows of a block: its hidden values fill about half a MiB.
    private var blockRows: Int { min(max(131_072 / max(w1.rows, 1), 192), 1024) }

    private func blocks(of rows: Int) -> [Range<Int>] {
        stride(from: 0, to: rows, by: blockRows).map { $0..<min($0 + blockRows, rows) }
    }

    /// u = x W₁ᵀ + b₁ of some rows, written over `hidden`.
    private func hidden(_ x: BLAS.Panel, in hidden: Tensor) -> BLAS.Panel {
        hidden.fillRows(with: b1)
        let u = hidden.panel.rows(0..<x.rows)
        BLAS.multiply(x, w1.panel.transposed, into: u, beta: 1)
        return u
    }

    func forward(_ x: Tensor, adding y: Tensor) {
        let buffer = Tensor.uninitialized(rows: min(blockRows, x.rows), columns: w1.rows)
        for block in blocks(of: x.rows) {
            let h = hidden(x.panel.rows(block), in: buffer)
            unsafe dj_gelu(buffer.storage.base, buffer.storage.base, h.rows * h.columns)
            BLAS.multiply(h, w2.panel.transposed, into: y.panel.rows(block), beta: 1)
        }
    }

    func backward(_ x: Tensor, _ dy: Tensor, needs: [Bool]) -> [Tensor?] {
        let buffer = Tensor.uninitialized(rows: min(blockRows, x.rows), columns: w1.rows)
        let gradients = Tensor.uninitialized(rows: buffer.rows, columns: w1.rows)
        let dx = needs[0] ? Tensor.uninitialized(rows: x.rows, columns: x.columns) : nil
        let dw1 = needs[1] ? Tensor.zeros(rows: w1.rows, columns: w1.columns) : nil
        let dw2 = needs[3] ? Tensor.zeros(rows: w2.rows, columns: w2.columns) : nil
        var db1 = ColumnSums(columns: w1.rows)
        for block in blocks(of: x.rows) {
            let rows = x.panel.rows(block)
            let dyRows = dy.panel.rows(block)
            let h = hidden(rows, in: buffer)
            let du = gradients.panel.rows(0..<block.count)
            BLAS.multiply(dyRows, w2.panel, into: du)
            unsafe dj_gelu_both(
                buffer.storage.base, gradients.storage.base, h.rows * h.columns)
            if let dw2 { BLAS.multiply(dyRows.transposed, h, into: dw2.panel, beta: 1) }
            if let dw1 { BLAS.multiply(du.transposed, rows, into: dw1.panel, beta: 1) }
            if needs[2] { db1.add(du) }
            if let dx { BLAS.multiply(du, w1.panel, into: dx.panel.rows(block)) }
        }
        return [
            dx, dw1, needs[2] ? db1.narrowed : nil, dw2, needs[4] ? dy.columnSums() : nil,
        ]
    }
}
