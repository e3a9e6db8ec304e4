package import Tensors

/// Precision of gradients between a micro-shard and the root of its step's tree.
///
/// Rounding is part of the sum, not of the connection: a micro-shard's gradient is rounded, and so is the
/// sum at every node of the tree, whether a worker or the coordinator computes it. A narrow wire therefore
/// changes a run's bits, but the number of workers does not.
package enum GradientWire: String, Sendable, CaseIterable {
    /// Unrounded: 4 bytes per value.
    case float32
    /// Rounded to bfloat16 (8 bits of mantissa, to nearest even): 2 bytes per value.
    ///
    /// The error of each rounding is at most 2^-9 of a value, and a sum over S micro-shards is rounded
    /// 1 + log2 S times. Measured over a million normal values per micro-shard, the norm of the error is
    /// 0.0017 of the gradient's for one micro-shard, 0.0040 for 16 and 0.0047 for 64 independent gradients
    /// (0.0027 if common and independent parts are of equal size); the direction is off by
    /// 1 - cos = 1e-5.
    case bfloat16

    /// A micro-shard's gradient as it enters the tree.
    package func rounded(_ gradient: consuming Tensor) -> Tensor {
        self == .bfloat16 ? gradient.roundedToBFloat16() : gradient
    }

    /// The sum of the values of two child nodes; reuses the memory of one of them if it has no other
    /// owner.
    package func sum(_ left: consuming Tensor, _ right: consuming Tensor) -> Tensor {
        rounded(left.adding(right))
    }

    /// The bytes of a gradient of so many values.
    package func bytes(of count: Int) -> Int { self == .bfloat16 ? (count + 1) / 2 * 4 : 4 * count }

    /// A rounded gradient as it is sent.
    package func packed(_ gradient: Tensor) -> Tensor {
        self == .bfloat16 ? gradient.packedAsBFloat16() : gradient
    }

    /// The received gradient of `count` values; nil if it has another number of bytes.
    package func unpacked(_ payload: Tensor, count: Int) -> Tensor? {
        // The payload comes from a message, so its length is checked instead of assumed.
        guard self == .bfloat16 else { return payload.count == count ? payload : nil }
        return Tensor(unpackingBFloat16: payload, count: count)
    }
}
