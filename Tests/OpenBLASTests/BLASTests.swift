import OpenBLAS
import TensorTesting
import Tensors
import Testing

@Suite("OpenBLAS")
struct BLASTests {
    /// Rows and columns of the result, terms of each sum: empty sums and results, single values, several
    /// runs of terms, several blocks of rows.
    private static let shapes = [
        (1, 1, 1), (3, 5, 0), (0, 4, 3), (5, 7, 3), (33, 17, 256), (13, 33, 257), (50, 6, 700),
        (12, 65, 1024), (17, 12, 1025), (12, 12, 4000),
    ]

    @Test("our products agree with OpenBLAS on its own core", arguments: shapes)
    func productsAgree(rows: Int, columns: Int, terms: Int) {
        for (first, second) in [(false, false), (false, true), (true, false), (true, true)] {
            let a: Tensor =
                first
                ? .random(rows: terms, columns: rows, seed: 3)
                : .random(rows: rows, columns: terms, seed: 3)
            let b: Tensor =
                second
                ? .random(rows: columns, columns: terms, seed: 4)
                : .random(rows: terms, columns: columns, seed: 4)
            let product = a.matmul(b, transposingSelf: first, transposingOther: second)
            let reference = BLAS.product(
                a, b, transposingFirst: first, transposingSecond: second)
            #expect(reference.rows == rows && reference.columns == columns)
            #expect(product.count == 0 || relativeError(product, reference) < 2e-6)
        }
    }

    @Test("the fingerprint names the core and has the hash of the tensors alone")
    func fingerprintNamesTheCore() {
        let fingerprint = Numerics.fingerprint()
        #expect(fingerprint.coreName == BLAS.coreName && !BLAS.coreName.isEmpty)
        #expect(fingerprint.hash == Numerics.fingerprint(coreName: "none").hash)
    }
}
