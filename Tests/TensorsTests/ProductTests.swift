import TensorTesting
import Tensors
import Testing

/// Products of two matrices whose sums are long: Gram matrices, affinities, projections.
@Suite("Products of matrices")
struct ProductTests {
    /// Rows and columns of the result, terms of each sum: single values, less than a vector, several
    /// runs of terms, several blocks of rows.
    private static let shapes = [
        (1, 1, 1), (3, 5, 0), (5, 7, 3), (33, 17, 256), (13, 33, 257), (50, 6, 700),
        (12, 65, 1024), (17, 12, 1025), (12, 12, 4000),
    ]

    /// Rows and columns of a factor, exchanged for one that is read transposed.
    private func random(_ rows: Int, _ columns: Int, transposed: Bool, seed: UInt64) -> Tensor {
        transposed
            ? .random(rows: columns, columns: rows, seed: seed)
            : .random(rows: rows, columns: columns, seed: seed)
    }

    @Test(
        "every element is the plain fused sum, bit for bit, at every kernel width",
        arguments: shapes)
    func everyWidthComputesThePlainSum(rows: Int, columns: Int, terms: Int) {
        for (first, second) in [(false, false), (false, true), (true, false), (true, true)] {
            let a = random(rows, terms, transposed: first, seed: 1)
            let b = random(terms, columns, transposed: second, seed: 2)
            let plain = plainProduct(a, b, transposingFirst: first, transposingSecond: second)
            for width in [4, 3, 0] {
                let product = Kernels.withWidth(width) {
                    a.matmul(b, transposingSelf: first, transposingOther: second)
                }
                #expect(sameBits(product, plain), "width \(width), \(first), \(second)")
            }
        }
    }

    @Test("an entry of a Gram matrix keeps its digits over 300 000 rows")
    func gramsOfManyRowsKeepTheirDigits() {
        let x = Tensor(rows: 300_000, columns: 2) { values in
            for place in values.indices { values[place] = 0.1 + Float(place % 7) / 32 }
        }
        let gram = x.matmul(x, transposingSelf: true)
        let exact = Matrix64(x).transposed.matmul(Matrix64(x))
        #expect(relativeError(Matrix64(gram), exact) < 1e-6)
    }

    @Test("fused sums of extreme terms are rounded once at the baseline width")
    func baselineRoundsOnce() {
        // Halfway cases, cancellation, subnormal results, infinities: where rounding twice shows.
        let values: [Float] = [
            1, -1, 1 + 0x1p-23, 1 - 0x1p-24, 0x1p-12 + 0x1p-35, 3 * 0x1p-75, 0x1p-126, 0x1p-149,
            0x1.fffffep127, -0x1.8p-74, 0, -0, .infinity,
        ]
        for a in values {
            for b in values {
                for c in values where !(a.isInfinite || b.isInfinite || c.isInfinite) {
                    // Two terms in one sum: c * 1 first, then a * b added to it.
                    let rows = Tensor(rows: 1, columns: 2, [c, a])
                    let columns = Tensor(rows: 2, columns: 1, [1, b])
                    let sum = Kernels.withWidth(0) { rows.matmul(columns).scalar }
                    #expect(sum == c.addingProduct(a, b), "\(a) * \(b) + \(c)")
                }
            }
        }
        let infinite = Kernels.withWidth(0) {
            Tensor(rows: 1, columns: 2, [.infinity, 1]).matmul(
                Tensor(rows: 2, columns: 1, [1, 1])
            ).scalar
        }
        #expect(infinite == .infinity)
    }
}

/// The reference of the product kernels: plain loops with fused multiply-add.
///
/// Sums over the rows of both factors run over 128 rows, then 8 such sums in Float32, then these in
/// Double; all others over 256 terms, then these sums in order.
private func plainProduct(
    _ a: Tensor, _ b: Tensor, transposingFirst: Bool, transposingSecond: Bool
) -> Tensor {
    let rows = transposingFirst ? a.columns : a.rows
    let terms = transposingFirst ? a.rows : a.columns
    let columns = transposingSecond ? b.rows : b.columns
    func run(_ range: Range<Int>, _ row: Int, _ column: Int) -> Float {
        range.reduce(0) { sum, t in
            sum.addingProduct(
                transposingFirst ? a[t, row] : a[row, t],
                transposingSecond ? b[column, t] : b[t, column])
        }
    }
    func runs(_ range: Range<Int>, of length: Int, _ row: Int, _ column: Int) -> Float {
        var sum: Float?
        for start in stride(from: range.lowerBound, to: range.upperBound, by: length) {
            let part = run(start..<min(start + length, range.upperBound), row, column)
            sum = sum.map { $0 + part } ?? part
        }
        return sum ?? 0
    }
    return Tensor(
        rows: rows, columns: columns,
        (0..<rows * columns).map { place in
            let (row, column) = (place / columns, place % columns)
            guard transposingFirst && !transposingSecond else {
                return runs(0..<terms, of: 256, row, column)
            }
            return Float(
                stride(from: 0, to: terms, by: 1024).reduce(0.0) { sum, start in
                    sum + Double(runs(start..<min(start + 1024, terms), of: 128, row, column))
                })
        })
}
