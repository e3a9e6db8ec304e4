internal import CKernels

extension Tensor {
    /// Two linear maps with GELU between them, for blocks of rows at a time.
    ///
    /// Forward: `y = r + f (gelu(u) W₂ᵀ + b₂)`, `u = x W₁ᵀ + b₁`, for x of n x in, W₁ of hidden x
    /// in, W₂ of out x hidden; r is the `residual`, 0 if there is none, f the `factors`, one a row,
    /// 1 if there are none. Backward, with h = gelu(u) and g = f dy: `dW₂ = gᵀ h`, `db₂ = Σ g`,
    /// `du = (g W₂) ⊙ gelu'(u)`, `dW₁ = duᵀ x`, `db₁ = Σ du`, `dx = du W₁`, `dr = dy`.
    ///
    /// The hidden values of a block stay in the cache; without a tape only one block of them exists.
    /// On a tape, backward keeps x and computes u again, or keeps u too if the layer is so wide that
    /// the product costs more than the memory (``HiddenLayer/isKept``).
    public func mlp(
        fc1 w1: Tensor, _ b1: Tensor, fc2 w2: Tensor, _ b2: Tensor, factors: [Float]? = nil,
        addedTo residual: Tensor? = nil
    ) -> Tensor {
        precondition(
            w1.columns == columns && w2.columns == w1.rows,
            "mlp: rows of \(columns) values, weights of \(w1.rows) x \(w1.columns) and "
                + "\(w2.rows) x \(w2.columns).")
        let inputs = [self, w1, b1, w2, b2] + (residual.map { [$0] } ?? [])
        let needs = inputs.map(\.requiresGradient)
        let layer = HiddenLayer(
            w1: w1.detached, b1: b1.detached, w2: w2.detached, b2: b2.detached, factors: factors)
        let u =
            needs.contains(true) && layer.isKept
            ? Tensor.uninitialized(rows: rows, columns: w1.rows) : nil
        let y = layer.forward(self, keeping: u, addedTo: residual)
        let hasResidual = residual != nil
        return .operation("mlp", inputs, value: y) { [x = detached, u, needs] dy in
            layer.backward(x, u, dy, needs: needs) + (hasResidual ? [dy] : [])
        }
    }
}

/// The hidden layer of an ``Tensor/mlp(fc1:_:fc2:_:)``, by blocks of rows.
private struct HiddenLayer {
    let w1: Tensor
    let b1: Tensor
    let w2: Tensor
    let b2: Tensor
    let factors: [Float]?

    /// Whether backward keeps u = x W₁ᵀ + b₁ instead of computing it again.
    ///
    /// Measured, backward with u kept against computed again: 36 to 30 ms for 128 hidden values,
    /// 69 to 77 for 512, 62 to 77 for 1024 (OpenBLAS Haswell, one thread).
    var isKept: Bool { w1.rows >= 512 }

    /// Rows of a block: its hidden values fill half a MiB, or more if so few rows would not amortise
    /// reading the packed weights.
    private var blockRows: Int { min(max(131_072 / max(w1.rows, 1), 256), 1024) }

    private func blocks(of rows: Range<Int>) -> [Range<Int>] {
        stride(from: rows.lowerBound, to: rows.upperBound, by: blockRows).map {
            $0..<min($0 + blockRows, rows.upperBound)
        }
    }

    private func buffer(for rows: Int) -> Tensor {
        .uninitialized(rows: min(blockRows, rows), columns: w1.rows)
    }

    /// Writes x W₁ᵀ + b₁ of some rows over a panel.
    private func computeHidden(_ x: Panel, into u: Panel) {
        x.multiply(by: w1.packed(), bias: b1, into: u)
    }

    func forward(_ x: Tensor, keeping kept: Tensor?, addedTo residual: Tensor?) -> Tensor {
        let y = Tensor.uninitialized(rows: x.rows, columns: w2.rows)
        let cost = (2 * (w1.columns + w2.rows) + 50) * w1.rows
        ThreadTeam.forRows(x.rows, operations: cost) { rows in
            let buffer = buffer(for: rows.count)
            for block in blocks(of: rows) {
                let h = buffer.panel.rows(0..<block.count)
                let u = kept?.panel.rows(block) ?? h
                computeHidden(x.panel.rows(block), into: u)
                unsafe dj_gelu(
                    u.storage.base + u.offset, h.storage.base, block.count * w1.rows)
                h.multiply(
                    by: w2.packed(), bias: b2, factors: factors.map { Array($0[block]) },
                    addedTo: residual?.panel.rows(block), into: y.panel.rows(block))
            }
        }
        return y
    }

    func backward(_ x: Tensor, _ kept: Tensor?, _ dy: Tensor, needs: [Bool]) -> [Tensor?] {
        let dy = factors.map { dy.scaledRows(by: $0) } ?? dy
        let buffer = buffer(for: x.rows)
        let gradients = Tensor.uninitialized(rows: buffer.rows, columns: w1.rows)
        let dx = needs[0] ? Tensor.uninitialized(rows: x.rows, columns: x.columns) : nil
        let dw1 = needs[1] ? Tensor.zeros(rows: w1.rows, columns: w1.columns) : nil
        let dw2 = needs[3] ? Tensor.zeros(rows: w2.rows, columns: w2.columns) : nil
        var db1 = ColumnSums(columns: w1.rows)
        for block in blocks(of: 0..<x.rows) {
            let h = buffer.panel.rows(0..<block.count)
            let du = gradients.panel.rows(0..<block.count)
            let u = kept?.panel.rows(block) ?? h
            if kept == nil { computeHidden(x.panel.rows(block), into: u) }
            let dyRows = dy.panel.rows(block)
            dyRows.multiply(by: w2.packed(mirrored: true), into: du)
            unsafe dj_gelu_both(
                u.storage.base + u.offset, h.storage.base, du.storage.base,
                block.count * w1.rows)
            if let dw2 { dyRows.multiplyTransposed(by: h, into: dw2.panel, accumulating: true) }
            if let dw1 {
                du.multiplyTransposed(
                    by: x.panel.rows(block), into: dw1.panel, accumulating: true)
            }
            if needs[2] { db1.add(du) }
            if let dx {
                du.multiply(by: w1.packed(mirrored: true), into: dx.panel.rows(block))
            }
        }
        return [
            dx, dw1, needs[2] ? db1.narrowed : nil, dw2, needs[4] ? dy.columnSums() : nil,
        ]
    }
}
