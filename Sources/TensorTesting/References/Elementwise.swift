import Foundation

extension Matrix64 {
    /// The reference of `+`.
    package static func + (a: Matrix64, b: Matrix64) -> Matrix64 { a.combined(with: b, +) }
    /// The reference of `-`.
    package static func - (a: Matrix64, b: Matrix64) -> Matrix64 { a.combined(with: b, -) }
    /// The reference of `*`.
    package static func * (a: Matrix64, b: Matrix64) -> Matrix64 { a.combined(with: b, *) }
    /// The reference of `scaled(by:)`.
    package func scaled(by factor: Double) -> Matrix64 { map { $0 * factor } }
    /// The reference of `scaledRows(by:)`.
    package func scaledRows(by factors: [Double]) -> Matrix64 {
        Matrix64(rows: rows, columns: columns) { self[$0, $1] * factors[$0] }
    }
    /// The reference of `addedBias(_:)`.
    package func addedBias(_ bias: Matrix64) -> Matrix64 {
        Matrix64(rows: rows, columns: columns) { self[$0, $1] + bias[0, $1] }
    }
    /// The reference of `gelu()`.
    package func gelu() -> Matrix64 { map { $0 * 0.5 * erfc(-$0 / 2.0.squareRoot()) } }
    /// The reference of `sum()`.
    package func sum() -> Matrix64 { Matrix64(rows: 1, columns: 1, [values.reduce(0, +)]) }
    /// The reference of `mean()`.
    package func mean() -> Matrix64 { sum().scaled(by: 1 / Double(values.count)) }
}
