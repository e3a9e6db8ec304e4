internal import CKernels

/// A number of 64 bits that tells whether bytes are as they were, at the speed of memory.
///
/// It finds damage: bytes that differ within eight aligned ones always have another, others but for
/// one case in 2^64. Against whoever means to deceive only a digest helps (`SHA256`).
public struct Checksum64: Hashable, Sendable {
    /// The number.
    public let value: UInt64

    /// That of some bytes.
    public init(of bytes: RawSpan) {
        var sum: UInt64 = 0
        unsafe bytes.withUnsafeBytes { unsafe dj_checksum($0.baseAddress, $0.count, &sum) }
        value = sum
    }

    /// That of several in their order.
    public init(_ parts: some Sequence<Checksum64>) {
        let words = parts.map(\.value.littleEndian)
        self.init(of: unsafe words.span.bytes)
    }

    /// As 16 hexadecimal digits.
    public var hex: String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

extension Tensor {
    /// A number that differs, but for one case in 2^64, where any bit does.
    public var checksum: Checksum64 { withBytes { Checksum64(of: $0) } }
}
