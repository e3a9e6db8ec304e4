package import Tensors

/// A plain matrix of Float64: what the twins of the operations compute with.
///
/// Every operation of ``Tensors`` has a twin of the same name here, written for clarity alone.
/// A twin judges the value of the operation, and its finite differences judge the pullback.
package struct Matrix64: Sendable, Equatable {
    /// How many rows.
    package let rows: Int
    /// How many columns.
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

    /// A matrix whose values a function of row and column gives.
    package init(rows: Int, columns: Int, _ value: (_ row: Int, _ column: Int) -> Double) {
        self.rows = rows
        self.columns = columns
        values = []
        values.reserveCapacity(rows * columns)
        for row in 0..<rows {
            for column in 0..<columns { values.append(value(row, column)) }
        }
    }

    /// The values of a tensor, exactly.
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

    /// The same shape with every value replaced.
    package func map(_ transform: (Double) -> Double) -> Matrix64 {
        Matrix64(rows: rows, columns: columns, values.map(transform))
    }

    /// The same shape with every row replaced.
    package func mapRows(_ transform: (ArraySlice<Double>) -> [Double]) -> Matrix64 {
        Matrix64(rows: rows, columns: columns, (0..<rows).flatMap { transform(self[row: $0]) })
    }

    /// Values combined one by one with those of a matrix of the same shape.
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

    /// Rounded to Float32.
    package var tensor: Tensor { Tensor(rows: rows, columns: columns, values.map { Float($0) }) }
}
