internal import COpenBLAS
package import Tensors

/// The system's OpenBLAS: a reference for the speed and accuracy of our own products.
///
/// Nothing that influences weights, predictions or knowledge packs may use it: the order of its sums
/// differs between processors, and so do its results.
package enum BLAS {
    /// The kernels OpenBLAS chose for this processor (`SkylakeX`, `Haswell`, …); its environment
    /// variable `OPENBLAS_CORETYPE` pins another.
    package static var coreName: String {
        _ = singleThreaded
        return unsafe String(cString: openblas_get_corename())
    }

    // A second thread would distort comparisons with our kernels, which compute on one.
    private static let singleThreaded: Void = openblas_set_num_threads(1)

    /// The product of two matrices, either transposed if asked to, without gradients.
    package static func product(
        _ a: Tensor, _ b: Tensor, transposingFirst: Bool = false, transposingSecond: Bool = false
    ) -> Tensor {
        let (rows, depth) = transposingFirst ? (a.columns, a.rows) : (a.rows, a.columns)
        let (terms, columns) = transposingSecond ? (b.columns, b.rows) : (b.rows, b.columns)
        precondition(terms == depth, "There is no product of \(depth) and \(terms) terms.")
        _ = singleThreaded
        return Tensor(rows: rows, columns: columns) { values in
            guard rows > 0, columns > 0 else { return }
            a.withValues { first in
                b.withValues { second in
                    unsafe first.withUnsafeBufferPointer { first in
                        unsafe second.withUnsafeBufferPointer { second in
                            unsafe values.withUnsafeMutableBufferPointer { values in
                                unsafe cblas_sgemm(
                                    CblasRowMajor, transposingFirst ? CblasTrans : CblasNoTrans,
                                    transposingSecond ? CblasTrans : CblasNoTrans, blasint(rows),
                                    blasint(columns), blasint(depth), 1, first.baseAddress,
                                    blasint(max(a.columns, 1)), second.baseAddress,
                                    blasint(max(b.columns, 1)), 0, values.baseAddress,
                                    blasint(columns))
                            }
                        }
                    }
                }
            }
        }
    }
}

extension Numerics {
    /// The fingerprint of this process with the name of the OpenBLAS core in use, computed on every
    /// call (15 ms).
    package static func fingerprint() -> Fingerprint { fingerprint(coreName: BLAS.coreName) }
}
