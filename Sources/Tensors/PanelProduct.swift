internal import CKernels

extension Panel {
    /// Terms that one register adds up before the sum goes to memory.
    ///
    /// Float32 sums lose digits with their length. OpenBLAS bounds it too, but at another number of
    /// terms on every core, which is why its bits differ between machines.
    private static let run = 256

    /// `self other` as a new tensor, computed by our kernels; shapes are checked.
    ///
    /// The order of every element's sum depends on the shapes alone, so the bits are the same on
    /// every processor. A sum over the rows of both, as in a Gram matrix, adds its blocks in Double
    /// and is accurate for any number of rows.
    func product(with other: Panel) -> Tensor {
        let (rows, depth) = shape
        precondition(
            other.shape.rows == depth, "There is no product of shapes \(shape) and \(other.shape).")
        let result = Tensor.uninitialized(rows: rows, columns: other.shape.columns)
        guard result.count > 0 else { return result }
        // Kernels divide their blocks by the depth.
        guard depth > 0 else { return .zeros(rows: rows, columns: result.columns) }
        switch (isTransposed, other.isTransposed) {
        case (true, false): multiplyTall(by: other, into: result)
        // No objective multiplies two transposed factors: a copy is cheaper than a kernel for them.
        case (true, true): dense.multiply(by: other, into: result)
        case (false, _): multiply(by: other, into: result)
        }
        return result
    }

    /// Writes `selfᵀ other` as memory has them, the many rows of both summed.
    private func multiplyTall(by other: Panel, into result: Tensor) {
        unsafe dj_multiply_tall(
            storage.base + offset, columns, stride, other.storage.base + other.offset,
            other.columns, other.stride, rows, result.storage.base)
    }

    /// Writes `self other`, run by run of the terms of each sum.
    private func multiply(by other: Panel, into result: Tensor) {
        for start in Swift.stride(from: 0, to: columns, by: Self.run) {
            let terms = start..<min(start + Self.run, columns)
            // Packed anew for every product: unlike weights, these factors are used once.
            let packed = other.packed(terms)
            let x = columns(terms)
            ThreadTeam.forRows(rows, operations: 2 * terms.count * result.columns) { some in
                let first = some.lowerBound
                let y = unsafe result.storage.base + first * result.columns
                unsafe dj_multiply_rows(
                    x.storage.base + x.offset + first * x.stride, some.count, terms.count,
                    x.stride, packed.base, result.columns, nil, nil, start == 0 ? nil : y, y,
                    result.columns)
            }
        }
    }

    /// Rows of a product's second factor as ``multiply(by:into:)`` reads them.
    private func packed(_ terms: Range<Int>) -> Storage {
        let part = isTransposed ? transposed.columns(terms).dense : rows(terms).dense
        let outputs = isTransposed ? part.rows : part.columns
        let packed = Storage(count: dj_packed_count(terms.count, outputs, 1))
        unsafe dj_pack(
            part.storage.base + part.offset, terms.count, outputs, 1, isTransposed ? 0 : 1,
            packed.base)
        return packed
    }

    /// The same values with rows side by side and not transposed: a copy where they lie otherwise.
    private var dense: Panel {
        if !isTransposed && stride == columns { return self }
        let (rows, columns) = shape
        let copy = Tensor.uninitialized(rows: rows, columns: columns)
        if isTransposed {
            for row in 0..<rows {
                for column in 0..<columns {
                    unsafe copy.storage.base[row * columns + column] =
                        storage.base[offset + column * stride + row]
                }
            }
        } else {
            unsafe dj_copy_block(
                storage.base + offset, stride, copy.storage.base, columns, rows, columns)
        }
        return copy.panel
    }
}
