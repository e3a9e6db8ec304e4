package import Tensors

/// The relative error |a - b| / |b| of two tensors, in Euclidean norms and Float64; |a - b| if b is
/// zero.
package func relativeError(_ a: Tensor, _ b: Tensor) -> Double {
    relativeError(Matrix64(a), Matrix64(b))
}

/// The relative error |a - b| / |b| of two matrices; |a - b| if b is zero.
package func relativeError(_ a: Matrix64, _ b: Matrix64) -> Double {
    precondition(a.rows == b.rows && a.columns == b.columns, "Shapes differ.")
    let difference = norm(a.combined(with: b, -))
    let size = norm(b)
    return size > 0 ? difference / size : difference
}

/// The cosine of the angle between two tensors as vectors.
///
/// It does not reveal a wrong factor: check ``relativeError(_:_:)-(Tensor,_)`` as well.
package func cosine(_ a: Tensor, _ b: Tensor) -> Double {
    let a = Matrix64(a)
    let b = Matrix64(b)
    return dot(a, b) / (norm(a) * norm(b))
}

/// The largest absolute difference between values.
package func largestDifference(_ a: Tensor, _ b: Tensor) -> Double {
    Matrix64(a).combined(with: Matrix64(b)) { ($0 - $1).magnitude }.values.max() ?? 0
}

/// Whether two tensors have the same shape and the same bits.
package func sameBits(_ a: Tensor, _ b: Tensor) -> Bool {
    a.rows == b.rows && a.columns == b.columns
        && a.values.map(\.bitPattern) == b.values.map(\.bitPattern)
}

/// The inner product of two matrices as vectors.
package func dot(_ a: Matrix64, _ b: Matrix64) -> Double {
    zip(a.values, b.values).reduce(0) { $0 + $1.0 * $1.1 }
}

/// The Euclidean norm of a matrix as a vector.
package func norm(_ a: Matrix64) -> Double { dot(a, a).squareRoot() }

extension Tensor {
    /// Normally distributed values that depend only on the seed.
    package static func random(
        rows: Int, columns: Int, seed: UInt64, mean: Float = 0, deviation: Float = 1
    ) -> Tensor {
        var generator = CounterGenerator(seed: seed, purpose: .init("random tensor"))
        return Tensor(rows: rows, columns: columns) { values in
            for index in values.indices { values[index] = mean + deviation * generator.normal() }
        }
    }
}
