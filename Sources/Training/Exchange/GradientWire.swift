package import Tensors

/// How exact gradients are between a micro-shard and the root of its step's tree.
///
/// The rounding belongs to the sum, not to the connection: a micro-shard's gradient is rounded, and
/// so is the sum at every node of the tree, whether its halves met on a worker or on the
/// coordinator. So a narrow wire changes a run's bits, and the number of workers still does not.
package enum GradientWire: String, Sendable, CaseIterable {
    /// As it was computed: 4 bytes a value.
    case float32
    /// Rounded to bfloat16 (8 bits of mantissa, to nearest even): 2 bytes a value.
    ///
    /// Each rounding is off by 2^-9 of a value at the most, and a sum over S micro-shards is rounded
    /// 1 + log2 S times on its way. Measured over a million normal values a micro-shard, the error's
    /// norm is 0.0017 of the gradient's for one micro-shard, 0.0040 for 16 and 0.0047 for 64 whose
    /// gradients have nothing in common (0.0027 where they agree as far as they differ); the
    /// direction is off by 1 - cos = 1e-5.
    case bfloat16

    /// A micro-shard's gradient as it enters the tree.
    package func rounded(_ gradient: consuming Tensor) -> Tensor {
        self == .bfloat16 ? gradient.roundedToBFloat16() : gradient
    }

    /// The sum at a node, of what stands at the two below; it takes the place of one of them in memory
    /// where nobody else holds that.
    package func sum(_ left: consuming Tensor, _ right: consuming Tensor) -> Tensor {
        rounded(left.adding(right))
    }

    /// Bytes a gradient of so many values takes.
    package func bytes(of count: Int) -> Int { self == .bfloat16 ? (count + 1) / 2 * 4 : 4 * count }

    /// A rounded gradient as it travels.
    package func packed(_ gradient: Tensor) -> Tensor {
        self == .bfloat16 ? gradient.packedAsBFloat16() : gradient
    }

    /// The gradient of `count` values that came; nil if it has another number of bytes.
    package func unpacked(_ payload: Tensor, count: Int) -> Tensor? {
        guard self == .bfloat16 else { return payload.count == count ? payload : nil }
        return Tensor(unpackingBFloat16: payload, count: count)
    }
}
