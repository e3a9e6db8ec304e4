internal import CKernels

extension Tensor {
    /// Rows by index, in any order and any number of times.
    ///
    /// Forward: `y_i = x[index_i]`. Backward: `dx[index_i] += dy_i`, in the order of i. If the indices
    /// are the segments of rows, ``gatherRows(segments:)`` has a faster backward.
    public func gatherRows(_ index: [Int32]) -> Tensor {
        precondition(
            unsafe dj_indices_within(index, index.count, rows) != 0,
            "gatherRows: a row index outside 0 ..< \(rows).")
        let y = Tensor.uninitialized(rows: index.count, columns: columns)
        unsafe dj_gather_rows(storage.base, index, y.storage.base, index.count, columns)
        return .operation("gatherRows", self, value: y) { [rows] dy in
            let dx = Tensor.zeros(rows: rows, columns: dy.columns)
            unsafe dj_scatter_add_rows(
                dy.storage.base, index, dx.storage.base, dy.rows, dy.columns)
            return dx
        }
    }

    /// The row of its segment for each row of the grouping: the inverse of pooling.
    ///
    /// Forward: `y_r = x[segment of r]`. Backward: `dx_s = Σ_{r in s} dy_r`, without a scatter.
    public func gatherRows(segments: Segments) -> Tensor {
        precondition(
            segments.count == rows, "gatherRows: \(segments.count) segments, \(rows) rows.")
        return .operation("gatherRows", self, value: segments.spread(self, mean: false)) {
            segments.sum($0, mean: false)
        }
    }
}
