import Tensors

/// Measure of the affinity of two points.
package enum Affinity: String, Sendable, CaseIterable {
    /// The cosine of the angle between their features: comparable between networks.
    case cosine
    /// The squared distance of their features, times the super-voxel's weight.
    case distance
}

/// Squared difference between the student's and the teacher's affinities over all pairs of one set of
/// points, with its gradient.
///
/// No single affinity is computed: for n points of width d both take O(n d²).
struct AffinityGap {
    /// Σ_ab (A_S,ab - A_T,ab)².
    let squares: Double
    /// The gradient of that by the student's rows: n x d_S.
    let gradient: Tensor

    /// The gap of cosines; rows must have length 1.
    ///
    ///     Σ = ||G_S - G_T||²,   G = F Fᵀ (``Grams``);   d/dF = 4 (F F ᵀF - T TᵀF).
    init(cosine student: Tensor, teacher: Tensor) {
        let grams = Grams(student: student, teacher: teacher)
        squares = grams.squaredDistance(to: grams)
        gradient = grams.pull(student, teacher, factor: 4)
    }

    /// The gap of squared distances, times a weight.
    ///
    /// Distances are invariant under translation, so both sets are centred at their means. There, with
    /// s_a = |F_a|² - |T_a|² and S = Σ s,
    ///
    ///     D_S,ab - D_T,ab = w (s_a + s_b - 2 (F_a F_b - T_a T_b)),
    ///     Σ = w² (2 n Σ s² + 2 S² + 4 ||G_S - G_T||²),
    ///     d/dF_a = 8 w² ((n s_a + S) F_a - Σ_b s_b F_b + 2 (F_a FᵀF - T_a TᵀF)):
    ///
    /// the mixed terms vanish because the centred rows sum to zero; so do the gradient's.
    init(distance student: Tensor, teacher: Tensor, weight: Double) {
        // Uncentred, the mixed terms of the expansion remain, and cancel only up to rounding.
        let (own, wanted) = (student.movedToMean, teacher.movedToMean)
        let n = Double(own.rows)
        let s = zip(own.squaredLengths, wanted.squaredLengths).map { $0 - $1 }
        let sum = s.reduce(0, +)
        let squareSum = s.reduce(0) { $0 + $1 * $1 }
        let grams = Grams(student: own, teacher: wanted)
        let square = weight * weight
        squares =
            square
            * (2 * n * squareSum + 2 * sum * sum + 4 * grams.squaredDistance(to: grams))
        let factor = 8 * square
        let along = own.scaledRows(by: s.map { Float(factor * (n * $0 + sum)) })
        let column = Tensor(rows: own.rows, columns: 1, s.map { Float(-factor * $0) })
        let back = column.matmul(own, transposingSelf: true)  // 1 x d
        gradient =
            along.addedBias(back) + grams.pull(own, wanted, factor: 2 * factor)
    }
}

extension Grams {
    /// `factor (S SᵀS - T TᵀS)`, the gradient by the student's rows.
    fileprivate func pull(_ student: Tensor, _ teacher: Tensor, factor: Double) -> Tensor {
        student.matmul(ss.scaled(by: Float(factor)))
            + teacher.matmul(ts.scaled(by: Float(-factor)))
    }
}

extension Tensor {
    /// The rows minus their mean.
    fileprivate var movedToMean: Tensor {
        withValues { values in
            var means = [Double](repeating: 0, count: columns)
            for place in values.indices { means[place % columns] += Double(values[place]) }
            for column in means.indices { means[column] /= Double(max(rows, 1)) }
            return Tensor(rows: rows, columns: columns) { moved in
                for place in moved.indices {
                    moved[place] = Float(Double(values[place]) - means[place % columns])
                }
            }
        }
    }

    fileprivate var squaredLengths: [Double] {
        withValues { values in
            var lengths = [Double](repeating: 0, count: rows)
            for place in values.indices {
                lengths[place / columns] += Double(values[place]) * Double(values[place])
            }
            return lengths
        }
    }
}
