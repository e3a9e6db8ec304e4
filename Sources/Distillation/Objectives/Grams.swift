import Tensors

/// Gram matrices of two sets of features of the same points, student S and teacher T; they suffice to
/// compare the affinities of both.
///
/// With A = F Fᵀ, the affinities of every point with every other,
///
///     ||A_S - A_T||² = ||SS||² + ||TT||² - 2 ||TS||²   (Frobenius).
///
/// The bilinear form of the same expression measures the block of affinities between two sets of points,
/// so sets are combined and separated by adding and subtracting their Grams.
struct Grams {
    /// Sᵀ S: d_S x d_S.
    let ss: Tensor
    /// Tᵀ S: d_T x d_S.
    let ts: Tensor
    /// Tᵀ T: d_T x d_T.
    let tt: Tensor

    /// The Grams of n points: O(n d²).
    init(student: Tensor, teacher: Tensor) {
        ss = student.matmul(student, transposingSelf: true)
        ts = teacher.matmul(student, transposingSelf: true)
        tt = teacher.matmul(teacher, transposingSelf: true)
    }

    init(ss: Tensor, ts: Tensor, tt: Tensor) {
        self.ss = ss
        self.ts = ts
        self.tt = tt
    }

    static func + (a: Grams, b: Grams) -> Grams {
        Grams(ss: a.ss + b.ss, ts: a.ts + b.ts, tt: a.tt + b.tt)
    }

    /// Σ (A_S - A_T)² over the pairs of a point of this set with a point of the other.
    ///
    /// A small difference of large numbers, hence computed in Double.
    func squaredDistance(to other: Grams) -> Double {
        inner(ss, other.ss) + inner(tt, other.tt) - 2 * inner(ts, other.ts)
    }

    /// The Frobenius inner product, in Double.
    private func inner(_ a: Tensor, _ b: Tensor) -> Double {
        a.withValues { a in
            b.withValues { b in
                // In Double: the distance is a difference of these sums, which may cancel.
                var sum = 0.0
                for index in a.indices { sum += Double(a[index]) * Double(b[index]) }
                return sum
            }
        }
    }
}
