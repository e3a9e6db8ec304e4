import Tensors

/// How far one set of features is from another once both are normalised, by a power of the
/// difference, and which way that moves the first.
///
/// Everything is computed in Double, a row at a time; nothing is stored but what is asked for.
struct NormalizedGap {
    /// What brings each channel to mean 0 and variance 1.
    struct Channels {
        let mean: [Double]
        let factor: [Double]

        /// From a mini-batch's sums.
        init(points: Double, sums: [Double], squares: [Double]) {
            let mean = sums.map { $0 / max(points, 1) }
            self.mean = mean
            factor = zip(squares, mean).map {
                let variance = max($0 / max(points, 1) - $1 * $1, 0)
                return 1 / (variance + NormalizedGap.epsilon).squareRoot()
            }
        }
    }

    /// Both sides' channels.
    struct Scales {
        let student: Channels
        let teacher: Channels
    }

    /// What is added to a variance.
    static let epsilon = 1e-4

    /// n x d.
    let student: Tensor
    /// n x d.
    let teacher: Tensor
    /// α.
    let exponent: Int
    /// The mini-batch's scales; nil where rows are normalised by themselves, or not at all.
    let scales: Scales?
    /// Groups of channels of a row that are normalised together; nil for none.
    let groups: Int?

    private var width: Int { teacher.columns }

    /// Σ |d|^α.
    func powers() -> Double {
        var sum = 0.0
        forEachRow { _, row in
            for d in row.difference { sum += power(abs(d), exponent) }
        }
        return sum
    }

    /// Σ |d|^α, then a channel Σ s, then a channel Σ s x, with s the slope of |d|^α and x the
    /// student's normalised value.
    func sums() -> [Double] {
        let width = width
        var sums = [Double](repeating: 0, count: 1 + 2 * width)
        forEachRow { _, row in
            for column in 0..<width {
                let slope = slope(row.difference[column])
                sums[0] += power(abs(row.difference[column]), exponent)
                sums[1 + column] += slope
                sums[1 + width + column] += slope * row.student[column]
            }
        }
        return sums
    }

    /// The gradient of `factor Σ |d|^α` by the student's values before they were normalised.
    ///
    /// - Parameter means: the means over the mini-batch of ``sums()``, a channel; read where the
    ///   mini-batch normalises.
    func gradient(factor: Double, means: (slopes: [Double], along: [Double])) -> Tensor {
        let width = width
        return Tensor(rows: student.rows, columns: width) { gradient in
            forEachRow { place, row in
                let begin = place * width
                func write(_ columns: Range<Int>, _ scale: Double, _ mean: Double, _ along: Double)
                {
                    for column in columns {
                        let slope = slope(row.difference[column])
                        gradient[begin + column] = Float(
                            factor * scale * (slope - mean - row.student[column] * along))
                    }
                }
                if let scales {
                    for column in 0..<width {
                        write(
                            column..<column + 1, scales.student.factor[column],
                            means.slopes[column], means.along[column])
                    }
                } else if let groups {
                    let size = width / groups
                    for group in 0..<groups {
                        let columns = group * size..<(group + 1) * size
                        var (mean, along) = (0.0, 0.0)
                        for column in columns {
                            let slope = slope(row.difference[column])
                            mean += slope / Double(size)
                            along += slope * row.student[column] / Double(size)
                        }
                        write(columns, row.factors[group], mean, along)
                    }
                } else {
                    write(0..<width, 1, 0, 0)
                }
            }
        }
    }

    /// The slope of |d|^α.
    private func slope(_ d: Double) -> Double {
        let size = Double(exponent) * power(abs(d), exponent - 1)
        return d > 0 ? size : d < 0 ? -size : 0
    }

    private func power(_ x: Double, _ exponent: Int) -> Double {
        var result = 1.0
        for _ in 0..<exponent { result *= x }
        return result
    }
}

// MARK: - Rows

extension NormalizedGap {
    /// A row of both sides, normalised.
    private struct Row {
        var student: [Double]
        var difference: [Double]
        /// What the student's groups were multiplied by.
        var factors: [Double]
    }

    private func forEachRow(_ body: (_ place: Int, _ row: borrowing Row) -> Void) {
        let width = width
        let zeros = [Double](repeating: 0, count: width)
        var row = Row(
            student: zeros, difference: zeros, factors: .init(repeating: 1, count: groups ?? 1))
        var wanted = zeros
        var unread = row.factors
        student.withValues { own in
            teacher.withValues { other in
                for place in 0..<teacher.rows {
                    let begin = place * width
                    for column in 0..<width {
                        row.student[column] = Double(own[begin + column])
                        wanted[column] = Double(other[begin + column])
                    }
                    normalize(&row.student, scales?.student, factors: &row.factors)
                    normalize(&wanted, scales?.teacher, factors: &unread)
                    for column in 0..<width {
                        row.difference[column] = row.student[column] - wanted[column]
                    }
                    body(place, row)
                }
            }
        }
    }

    private func normalize(
        _ row: inout [Double], _ channels: Channels?, factors: inout [Double]
    ) {
        if let channels {
            for column in row.indices {
                row[column] = (row[column] - channels.mean[column]) * channels.factor[column]
            }
        } else if let groups {
            let size = row.count / groups
            for group in 0..<groups {
                let columns = group * size..<(group + 1) * size
                var mean = 0.0
                for column in columns { mean += row[column] / Double(size) }
                var variance = 0.0
                for column in columns {
                    row[column] -= mean
                    variance += row[column] * row[column] / Double(size)
                }
                factors[group] = 1 / (variance + Self.epsilon).squareRoot()
                for column in columns { row[column] *= factors[group] }
            }
        }
    }
}

extension Tensor {
    /// The sum of each column, then the sum of its squares, in Double.
    var columnPowers: [Double] {
        withValues { values in
            var sums = [Double](repeating: 0, count: 2 * columns)
            for row in 0..<rows {
                for column in 0..<columns {
                    let value = Double(values[row * columns + column])
                    sums[column] += value
                    sums[columns + column] += value * value
                }
            }
            return sums
        }
    }
}
