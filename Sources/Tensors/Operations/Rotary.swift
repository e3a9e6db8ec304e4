internal import CKernels

extension Tensor {
    /// Rotates queries and keys by the positions of their rows.
    ///
    /// `self` is rows x 3C as ``patchAttention(heads:plan:)`` reads it. A head's channels are three thirds
    /// for x, y and z; in each third of 2 p channels, p = `angles.pairs`, channel u = j is paired with
    /// v = p + j.
    ///
    /// Forward: `u' = u cos - v sin`, `v' = v cos + u sin`; values are unchanged.
    /// Backward: the rotation by the opposite angle.
    ///
    /// - Returns: rows x 3C.
    public func rotatingQueriesAndKeys(heads: Int, angles: RotaryAngles) -> Tensor {
        precondition(
            heads > 0 && columns == 3 * heads * 6 * angles.pairs,
            "\(columns) columns are not queries, keys and values of \(heads) heads of "
                + "\(6 * angles.pairs) channels.")
        precondition(rows == angles.rows, "Rotations of \(angles.rows) rows for \(rows).")
        return .operation(
            "rotatingQueriesAndKeys", self, value: rotated(heads, angles, inverse: false)
        ) { dy in dy.rotated(heads, angles, inverse: true) }
    }

    private func rotated(_ heads: Int, _ angles: RotaryAngles, inverse: Bool) -> Tensor {
        let y = Tensor.uninitialized(rows: rows, columns: columns)
        ThreadTeam.forRows(rows, operations: 3 * columns) { rows in
            let place = rows.lowerBound * columns
            let angle = rows.lowerBound * 3 * angles.pairs
            unsafe angles.cosines.withUnsafeBufferPointer { cosines in
                unsafe angles.sines.withUnsafeBufferPointer { sines in
                    guard let cosines = cosines.baseAddress, let sines = sines.baseAddress else {
                        return
                    }
                    unsafe dj_rotate(
                        storage.base + place, rows.count, heads, angles.pairs, cosines + angle,
                        sines + angle, inverse ? 1 : 0, y.storage.base + place)
                }
            }
        }
        return y
    }
}
