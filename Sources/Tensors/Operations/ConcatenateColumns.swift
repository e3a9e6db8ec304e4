internal import CKernels

extension Tensor {
    /// The columns of both, side by side.
    ///
    /// Forward: `y = [a | b]`. Backward: `da = dy[:, 0 ..< a]`, `db` = the rest.
    public func concatenatedColumns(with other: Tensor) -> Tensor {
        precondition(rows == other.rows, "concatenatedColumns: \(rows) rows and \(other.rows).")
        let left = columns
        let right = other.columns
        let y = Tensor.uninitialized(rows: rows, columns: left + right)
        unsafe dj_copy_block(storage.base, left, y.storage.base, left + right, rows, left)
        unsafe dj_copy_block(
            other.storage.base, right, y.storage.base + left, left + right, rows, right)
        let needsLeft = requiresGradient
        let needsRight = other.requiresGradient
        return .operation("concatenateColumns", [self, other], value: y) { dy in
            [
                needsLeft ? dy.columns(0..<left) : nil,
                needsRight ? dy.columns(left..<left + right) : nil,
            ]
        }
    }
}
