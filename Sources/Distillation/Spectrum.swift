package import Tensors

/// Singular values of a matrix, whose distribution shows the effective rank of a linear map.
///
/// They are the square roots of the eigenvalues of the smaller of W Wᵀ and WᵀW, in Double. Values below
/// 1e-8 of the largest are rounding noise. Cost O(n² m) for n <= m.
package struct Spectrum {
    /// The values, in descending order.
    package let values: [Double]

    /// The spectrum of a matrix of finite values.
    package init(of matrix: Tensor) {
        let (rows, columns) = (matrix.rows, matrix.columns)
        let isWide = rows <= columns
        let (n, m) = isWide ? (rows, columns) : (columns, rows)
        let gram = matrix.withValues { w in
            var gram = SymmetricMatrix(size: n)
            for a in 0..<n {
                for b in 0...a {
                    var sum = 0.0
                    for k in 0..<m {
                        let (i, j) = isWide ? (a * m + k, b * m + k) : (k * n + a, k * n + b)
                        sum += Double(w[i]) * Double(w[j])
                    }
                    gram[a, b] = sum
                }
            }
            return gram
        }
        // Rounding may make the smallest eigenvalues slightly negative.
        values = gram.eigenvalues().map { max($0, 0).squareRoot() }
    }

    /// e to the entropy of the values' shares of their sum: n if all are equal, 1 if one is not 0, 0 if all
    /// are 0.
    package var effectiveRank: Double {
        let sum = values.reduce(0, +)
        guard sum > 0 else { return 0 }
        let entropy = values.reduce(0) { entropy, value in
            let share = value / sum
            // The limit of x log x at 0 is 0, but the logarithm there is not finite.
            return share > 1e-300 ? entropy - share * logarithm(share) : entropy
        }
        return exponential(entropy)
    }

    /// e^x for x >= 0, by halving x until its series is short.
    private func exponential(_ x: Double) -> Double {
        var (term, sum) = (1.0, 1.0)
        let small = x / 64
        for n in 1...20 {
            term *= small / Double(n)
            sum += term
        }
        for _ in 0..<6 { sum *= sum }
        return sum
    }
}

/// Symmetric matrix in Double.
private struct SymmetricMatrix {
    let size: Int
    private var entries: [Double]

    init(size: Int) {
        self.size = size
        entries = [Double](repeating: 0, count: size * size)
    }

    /// An entry; setting it also sets its mirror image.
    subscript(_ a: Int, _ b: Int) -> Double {
        get { entries[a * size + b] }
        set {
            entries[a * size + b] = newValue
            entries[b * size + a] = newValue
        }
    }

    /// The eigenvalues in descending order.
    ///
    /// Householder reflections make the matrix tridiagonal. Each eigenvalue is found by bisection: the
    /// number of eigenvalues below x is the number of negative pivots of A - x.
    func eigenvalues() -> [Double] {
        let (diagonal, beside) = tridiagonal()
        let bound = diagonal.indices.reduce(0.0) { bound, row in
            let before = row > 0 ? abs(beside[row - 1]) : 0
            let after = row < beside.count ? abs(beside[row]) : 0
            return max(bound, abs(diagonal[row]) + before + after)
        }
        func countBelow(_ x: Double) -> Int {
            var count = 0
            var pivot = 1.0
            for row in diagonal.indices {
                let square = row > 0 ? beside[row - 1] * beside[row - 1] : 0
                pivot = diagonal[row] - x - (square == 0 ? 0 : square / pivot)
                // A zero pivot would divide the next row by zero; the shift is far below the bisection's precision.
                if pivot == 0 { pivot = -1e-300 - 1e-16 * bound }
                if pivot < 0 { count += 1 }
            }
            return count
        }
        return (0..<size).reversed().map { place in
            var (low, high) = (-bound, bound)
            // 64 halvings reach the precision of Double from any bound.
            for _ in 0..<64 {
                let middle = (low + high) / 2
                if countBelow(middle) <= place { low = middle } else { high = middle }
            }
            return (low + high) / 2
        }
    }

    private func tridiagonal() -> (diagonal: [Double], beside: [Double]) {
        var a = self
        var beside: [Double] = []
        for k in 0..<max(size - 2, 0) {
            var v = ((k + 1)..<size).map { a[$0, k] }
            let length = v.reduce(0) { $0 + $1 * $1 }.squareRoot()
            // The sign for which the subtraction below does not cancel.
            let end = v[0] > 0 ? -length : length
            beside.append(end)
            v[0] -= end
            let norm = v.reduce(0) { $0 + $1 * $1 }.squareRoot()
            // The column is zero below the diagonal already.
            guard norm > 0 else { continue }
            v = v.map { $0 / norm }
            // A - 2 v wᵀ - 2 w vᵀ with w = A v - v (vᵀ A v)
            var w = v.indices.map { row in
                v.indices.reduce(0) { $0 + a[k + 1 + row, k + 1 + $1] * v[$1] }
            }
            let middle = zip(v, w).reduce(0) { $0 + $1.0 * $1.1 }
            for row in w.indices { w[row] -= middle * v[row] }
            for row in v.indices {
                for column in 0...row {
                    a[k + 1 + row, k + 1 + column] -= 2 * (v[row] * w[column] + w[row] * v[column])
                }
            }
        }
        if size > 1 { beside.append(a[size - 1, size - 2]) }
        return ((0..<size).map { a[$0, $0] }, beside)
    }
}
