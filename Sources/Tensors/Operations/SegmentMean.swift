internal import CKernels

extension Tensor {
    /// The mean of each segment's rows.
    ///
    /// Forward: `y_s = Σ_{r in s} x_r / |s|`; 0 of an empty segment. Backward: `dx_r = dy_s / |s|`.
    public func segmentMean(_ segments: Segments) -> Tensor {
        precondition(
            segments.rows == rows, "segmentMean: segments of \(segments.rows) rows, \(rows) rows.")
        return .operation("segmentMean", self, value: segments.sum(self, mean: true)) {
            segments.spread($0, mean: true)
        }
    }
}

extension Segments {
    /// The sum or mean of each segment's rows of x.
    func sum(_ x: Tensor, mean: Bool) -> Tensor {
        let y = Tensor.uninitialized(rows: count, columns: x.columns)
        unsafe dj_segment_sum(
            x.storage.base, starts, members, mean ? 1 : 0, y.storage.base, count, x.columns)
        return y
    }

    /// The row of x of each row's segment, or that divided by the segment's count.
    func spread(_ x: Tensor, mean: Bool) -> Tensor {
        let y = Tensor.uninitialized(rows: rows, columns: x.columns)
        ThreadTeam.forRows(rows, operations: 16 * x.columns) { range in
            unsafe segmentOfRow.withUnsafeBufferPointer { segmentOfRow in
                guard let segmentOfRow = segmentOfRow.baseAddress else { return }
                unsafe dj_segment_spread(
                    x.storage.base, starts, segmentOfRow + range.lowerBound, mean ? 1 : 0,
                    y.storage.base + range.lowerBound * x.columns, range.count, x.columns)
            }
        }
        return y
    }
}
