import Tensors

/// Power of the difference between two normalised sets of features, with its gradient by the first.
///
/// Computed in Double, row by row; only the requested results are stored.
struct NormalizedGap {
    /// Mean and factor that bring each channel to mean 0 and variance 1.
    struct Channels {
        let mean: [Double]
        let factor: [Double]

        /// From a mini-batch's sums.
        init(points: Double, sums: [Double], squares: [Double]) {
            let mean = sums.map { $0 / max(points, 1) }
            self.mean = mean
            factor = zip(squares, mean).map {
                // Rounding may give a constant channel a slightly negative variance.
                let variance = max($0 / max(points, 1) - $1 * $1, 0)
                return 1 / (variance + NormalizedGap.epsilon).squareRoot()
            }
        }
    }

    /// Channels of both sides.
    struct Scales {
        let student: Channels
        let teacher: Channels
    }

    /// The number that is added to variances.
    static let epsilon = 1e-4

    /// n x d.
    let student: Tensor
    /// n x d.
    let teacher: Tensor
    /// α.
    let exponent: Int
    /// The mini-batch's scales; nil if rows are normalised separately, or not at all.
    let scales: Scales?
    /// The number of groups of a row's channels that are normalised together; nil for none.
    let groups: Int?

    private var width: Int { teacher.columns }

    /// Σ |d|^α.
    func powers() -> Double {
        var sum = 0.0
        forEachRow { _, _, difference, _ in
            for column in difference.indices {
                sum += difference[column] * slope(difference[column])
            }
        }
        return sum / Double(exponent)
    }

    /// Σ |d|^α, then per channel Σ s, then per channel Σ s x, with s the slope of |d|^α and x the student's
    /// normalised value.
    func sums() -> [Double] {
        let width = width
        var sums = [Double](repeating: 0, count: 1 + 2 * width)
        var sum = 0.0
        forEachRow { _, student, difference, _ in
            var sums = sums.mutableSpan
            for column in 0..<width {
                let d = difference[column]
                let slope = slope(d)
                sum += d * slope
                sums[1 + column] += slope
                sums[1 + width + column] += slope * student[column]
            }
        }
        sums[0] = sum / Double(exponent)
        return sums
    }

    /// The gradient of `factor Σ |d|^α` by the student's values before they were normalised.
    ///
    /// - Parameter means: the means over the mini-batch of ``sums()``, per channel; read if the mini-batch
    ///   normalises.
    func gradient(factor: Double, means: (slopes: [Double], along: [Double])) -> Tensor {
        let width = width
        return Tensor(rows: student.rows, columns: width) { gradient in
            forEachRow { place, student, difference, factors in
                let begin = place * width
                if let scales {
                    let scale = scales.student.factor.span
                    let (slopes, along) = (means.slopes.span, means.along.span)
                    for column in 0..<width {
                        let slope =
                            slope(difference[column]) - slopes[column] - student[column]
                            * along[column]
                        gradient[begin + column] = Float(factor * scale[column] * slope)
                    }
                } else if let groups {
                    let size = width / groups
                    for group in 0..<groups {
                        let columns = group * size..<(group + 1) * size
                        var (mean, along) = (0.0, 0.0)
                        for column in columns {
                            let slope = slope(difference[column])
                            mean += slope / Double(size)
                            along += slope * student[column] / Double(size)
                        }
                        let scale = factor * factors[group]
                        for column in columns {
                            let slope = slope(difference[column]) - mean - student[column] * along
                            gradient[begin + column] = Float(scale * slope)
                        }
                    }
                } else {
                    for column in 0..<width {
                        gradient[begin + column] = Float(factor * slope(difference[column]))
                    }
                }
            }
        }
    }

    /// The slope of |d|^α: α |d|^(α-1) sign d.
    @inline(__always)
    private func slope(_ d: Double) -> Double {
        // The default exponent without a loop; the slope of an even power is odd, so the sign needs no
        // branch.
        if exponent == 4 { return 4 * d * d * d }
        var slope = Double(exponent)
        for _ in 1..<exponent { slope *= abs(d) }
        return d > 0 ? slope : d < 0 ? -slope : 0
    }
}

// MARK: - Rows

extension NormalizedGap {
    /// Calls `body` for each row with the student's normalised values, the differences, and the factors of
    /// the student's groups.
    @inline(__always)
    private func forEachRow(
        _ body: (
            _ place: Int, _ student: Span<Double>, _ difference: Span<Double>,
            _ factors: Span<Double>
        ) -> Void
    ) {
        let width = width
        var own = [Double](repeating: 0, count: width)
        var difference = own
        var factors = [Double](repeating: 1, count: groups ?? 1)
        var unread = factors
        student.withValues { student in
            teacher.withValues { teacher in
                for place in 0..<teacher.count / max(width, 1) {
                    normalize(student, row: place, scales?.student, into: &own, &factors)
                    normalize(teacher, row: place, scales?.teacher, into: &difference, &unread)
                    var gap = difference.mutableSpan
                    for column in 0..<width { gap[column] = own[column] - gap[column] }
                    body(place, own.span, difference.span, factors.span)
                }
            }
        }
    }

    @inline(__always)
    private func normalize(
        _ values: Span<Float>, row: Int, _ channels: Channels?, into normal: inout [Double],
        _ factors: inout [Double]
    ) {
        var normal = normal.mutableSpan
        let width = normal.count
        let begin = row * width
        if let channels {
            let (mean, factor) = (channels.mean.span, channels.factor.span)
            for column in 0..<width {
                normal[column] = (Double(values[begin + column]) - mean[column]) * factor[column]
            }
            return
        }
        for column in 0..<width { normal[column] = Double(values[begin + column]) }
        guard let groups else { return }
        let size = width / groups
        for group in 0..<groups {
            let columns = group * size..<(group + 1) * size
            var mean = 0.0
            for column in columns { mean += normal[column] / Double(size) }
            var variance = 0.0
            for column in columns {
                normal[column] -= mean
                variance += normal[column] * normal[column] / Double(size)
            }
            factors[group] = 1 / (variance + Self.epsilon).squareRoot()
            for column in columns { normal[column] *= factors[group] }
        }
    }
}

extension Tensor {
    /// The sum of each column, then the sum of its squares, in Double.
    var columnPowers: [Double] {
        withValues { values in
            var powers = [Double](repeating: 0, count: 2 * columns)
            var sums = powers.mutableSpan
            for row in 0..<rows {
                for column in 0..<columns {
                    let value = Double(values[row * columns + column])
                    sums[column] += value
                    sums[columns + column] += value * value
                }
            }
            return powers
        }
    }
}
