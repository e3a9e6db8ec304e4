import Foundation

extension Matrix64 {
    /// The reference of `layerNorm(scale:shift:epsilon:addedTo:)`.
    package func layerNorm(
        scale: Matrix64, shift: Matrix64, epsilon: Double = 1e-5, addedTo residual: Matrix64? = nil
    ) -> Matrix64 {
        let normal = mapRows { row in
            let mean = row.reduce(0, +) / Double(row.count)
            let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(row.count)
            return row.map { ($0 - mean) / (variance + epsilon).squareRoot() }
        }
        let value = Matrix64(rows: rows, columns: columns) {
            normal[$0, $1] * scale[0, $1] + shift[0, $1]
        }
        return residual.map { $0 + value } ?? value
    }

    /// The mean and the biased variance of each column, 1 x columns each.
    package func columnMoments() -> (mean: Matrix64, variance: Matrix64) {
        let mean = Matrix64(rows: 1, columns: columns) { _, column in
            (0..<rows).reduce(0) { $0 + self[$1, column] } / Double(rows)
        }
        let variance = Matrix64(rows: 1, columns: columns) { _, column in
            (0..<rows).reduce(0) {
                $0 + (self[$1, column] - mean[0, column]) * (self[$1, column] - mean[0, column])
            } / Double(rows)
        }
        return (mean, variance)
    }

    /// The reference of `batchNorm(scale:shift:mean:variance:epsilon:gelu:)`.
    package func batchNorm(
        scale: Matrix64, shift: Matrix64, mean: Matrix64, variance: Matrix64,
        epsilon: Double = 1e-3
    ) -> Matrix64 {
        Matrix64(rows: rows, columns: columns) { row, column in
            (self[row, column] - mean[0, column]) / (variance[0, column] + epsilon).squareRoot()
                * scale[0, column] + shift[0, column]
        }
    }

    /// The reference of `batchNormTraining(scale:shift:epsilon:gelu:)`.
    package func batchNormTraining(
        scale: Matrix64, shift: Matrix64, epsilon: Double = 1e-3
    ) -> Matrix64 {
        let (mean, variance) = columnMoments()
        return batchNorm(
            scale: scale, shift: shift, mean: mean, variance: variance, epsilon: epsilon)
    }

    /// The reference of `softmax()`.
    package func softmax() -> Matrix64 { logSoftmax().map { exp($0) } }

    /// The reference of `logSoftmax()`.
    package func logSoftmax() -> Matrix64 {
        mapRows { row in
            // Subtracting the maximum keeps exp from overflowing, also in Float64.
            let top = row.max() ?? 0
            let sum = row.reduce(0) { $0 + exp($1 - top) }
            return row.map { $0 - top - log(sum) }
        }
    }

    /// The reference of `normalizedRows(epsilon:)`.
    package func normalizedRows(epsilon: Double = 1e-12) -> Matrix64 {
        mapRows { row in
            let norm = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
            return row.map { $0 / max(norm, epsilon) }
        }
    }
}
