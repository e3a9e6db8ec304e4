package import Tensors

/// A matrix of Float64 values, in which the reference implementations of operations compute.
///
/// Every operation of ``Tensors`` has a reference of the same name, written for clarity. Tests compare
/// the operation's value with the reference, and its pullback with the reference's finite differences.
package struct Matrix64: Sendable, Equatable {
    /// The number of rows.
    package let rows: Int
    /// The number of columns.
    package let columns: Int
    /// The values, row by row.
    package var values: [Double]

    /// A matrix of the given values, row by row.
    package init(rows: Int, columns: Int, _ values: [Double]) {
        precondition(values.count == rows * columns)
        self.rows = rows
        self.columns = columns
        self.values = values
    }

    /// A matrix with values computed from row and column.
    package init(rows: Int, columns: Int, _ value: (_ row: Int, _ column: Int) -> Double) {
        self.rows = rows
        self.columns = columns
        values = []
        values.reserveCapacity(rows * columns)
        for row in 0..<rows {
            for column in 0..<columns { values.append(value(row, column)) }
        }
    }

    /// The values of a tensor, without rounding.
    package init(_ tensor: Tensor) {
        self.init(rows: tensor.rows, columns: tensor.columns, tensor.values.map(Double.init))
    }

    /// One value.
    package subscript(row: Int, column: Int) -> Double {
        get { values[row * columns + column] }
        set { values[row * columns + column] = newValue }
    }

    /// One row.
    package subscript(row row: Int) -> ArraySlice<Double> {
        values[row * columns..<(row + 1) * columns]
    }

    /// The matrix with every value transformed.
    package func map(_ transform: (Double) -> Double) -> Matrix64 {
        Matrix64(rows: rows, columns: columns, values.map(transform))
    }

    /// The matrix with every row transformed.
    package func mapRows(_ transform: (ArraySlice<Double>) -> [Double]) -> Matrix64 {
        Matrix64(rows: rows, columns: columns, (0..<rows).flatMap { transform(self[row: $0]) })
    }

    /// The element-wise combination with a matrix of the same shape.
    package func combined(
        with other: Matrix64, _ combine: (Double, Double) -> Double
    ) -> Matrix64 {
        precondition(rows == other.rows && columns == other.columns)
        return Matrix64(
            rows: rows, columns: columns, zip(values, other.values).map { combine($0, $1) })
    }

    /// The transpose.
    package var transposed: Matrix64 {
        Matrix64(rows: columns, columns: rows) { self[$1, $0] }
    }

    /// The values rounded to Float32.
    package var tensor: Tensor { Tensor(rows: rows, columns: columns, values.map { Float($0) }) }
}
