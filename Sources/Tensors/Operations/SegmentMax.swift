internal import CKernels

extension Tensor {
    /// The largest value of each segment, by column.
    ///
    /// Forward: `y_s = max_{r in s} x_r`; 0 of an empty segment. Backward: `dx_r = dy_s` where row
    /// r is the first of segment s that holds its maximum, else 0.
    public func segmentMax(_ segments: Segments) -> Tensor {
        precondition(
            segments.rows == rows, "segmentMax: segments of \(segments.rows) rows, \(rows) rows.")
        let y = Tensor.uninitialized(rows: segments.count, columns: columns)
        // Row indices in a pooled buffer: an array would be a system allocation at every step.
        let largest = Storage(count: y.count)
        ThreadTeam.forRows(segments.count, operations: 64 * columns) { range in
            let first = range.lowerBound * columns
            unsafe segments.starts.withUnsafeBufferPointer { starts in
                guard let starts = starts.baseAddress else { return }
                unsafe dj_segment_max(
                    storage.base, starts + range.lowerBound, segments.members,
                    y.storage.base + first, largest.integers + first, range.count, columns)
            }
        }
        return .operation("segmentMax", self, value: y) { dy in
            let dx = Tensor.uninitialized(rows: segments.rows, columns: dy.columns)
            unsafe dj_segment_max_backward(
                dy.storage.base, largest.integers, segments.segmentOfRow, dx.storage.base,
                dx.rows, dx.columns)
            return dx
        }
    }
}
