internal import CKernels

/// The precision of products with a frozen network's matrices and kernels.
public enum ProductPrecision: String, Sendable, Hashable, Codable, CaseIterable {
    /// Factors and sums in Float32.
    case float32
    /// Both factors rounded to bfloat16 (8 bits of mantissa, to nearest even), sums in Float32.
    ///
    /// Up to twice as fast, with a relative error of about 2e-3 a product: on the public PTv3
    /// fixtures scores move by at most 0.5 % of the largest, and one label in a thousand changes.
    /// Needs a processor with AVX512_BF16; for networks that are not trained.
    case bfloat16

    /// Whether this processor supports the precision.
    public var isAvailable: Bool {
        switch self {
        case .float32: true
        case .bfloat16: dj_has_bfloat() != 0 && Kernels.width == 4
        }
    }
}
