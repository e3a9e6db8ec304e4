internal import CKernels

// Sums over many rows: Float32 within short blocks, where vectors are fast, and Double over the
// blocks, where errors would grow; always in the same order.

extension Tensor {
    /// The sum of all values, in Double.
    var total: Double {
        var sum = 0.0
        unsafe dj_sum(storage.base, count, &sum)
        return sum
    }

    /// The sum of each column, 1 x columns.
    func columnSums() -> Tensor {
        var sums = ColumnSums(columns: columns)
        sums.add(panel)
        return sums.narrowed
    }
}

/// Sums of columns over several blocks of rows.
struct ColumnSums {
    private var sums: [Double]
    private var block: [Double]

    init(columns: Int) {
        sums = .init(repeating: 0, count: columns)
        block = sums
    }

    mutating func add(_ panel: Panel) {
        precondition(panel.columns == sums.count)
        unsafe dj_column_sums(
            panel.storage.base + panel.offset, panel.rows, panel.columns, panel.stride, &block)
        for column in sums.indices { sums[column] += block[column] }
    }

    /// The sums rounded to Float32, 1 x columns.
    var narrowed: Tensor { .row(sums) }
}

extension Tensor {
    /// Double values rounded to Float32 as one row.
    static func row(_ values: [Double]) -> Tensor {
        Tensor(rows: 1, columns: values.count) { span in
            for index in span.indices { span[index] = Float(values[index]) }
        }
    }
}
