extension Tensor {
    /// The sum of all values, accumulated in Double; 1 x 1.
    ///
    /// Forward: `y = Σ x`. Backward: `dx = dy` everywhere.
    public func sum() -> Tensor {
        .operation("sum", self, value: Tensor(Float(total))) { [rows, columns] dy in
            Tensor(rows: rows, columns: columns, filledWith: dy.scalar)
        }
    }

    /// The mean of all values, accumulated in Double; 1 x 1, and 0 of no values.
    ///
    /// Forward: `y = Σ x / n`. Backward: `dx = dy / n` everywhere.
    public func mean() -> Tensor {
        let n = Double(max(count, 1))
        return .operation("mean", self, value: Tensor(Float(total / n))) { [rows, columns] dy in
            Tensor(rows: rows, columns: columns, filledWith: Float(Double(dy.scalar) / n))
        }
    }
}
