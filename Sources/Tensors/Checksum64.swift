internal import CKernels

/// A checksum of 64 bits that is computed at the speed of memory.
///
/// It detects damage: a change within eight aligned bytes always changes the checksum, other changes
/// do except in one case of 2^64. Only a digest (`SHA256`) detects deliberate changes.
public struct Checksum64: Hashable, Sendable {
    /// The checksum.
    public let value: UInt64

    /// The checksum of bytes.
    public init(of bytes: RawSpan) {
        var sum: UInt64 = 0
        unsafe bytes.withUnsafeBytes { unsafe dj_checksum($0.baseAddress, $0.count, &sum) }
        value = sum
    }

    /// The checksum of several checksums in their order.
    public init(_ parts: some Sequence<Checksum64>) {
        let words = parts.map(\.value.littleEndian)
        self.init(of: unsafe words.span.bytes)
    }

    /// The checksum as 16 hexadecimal digits.
    public var hex: String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

extension Tensor {
    /// The checksum of the values' bytes.
    public var checksum: Checksum64 { withBytes { Checksum64(of: $0) } }
}
