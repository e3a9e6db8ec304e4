/// A digest of 32 bytes: SHA-256 or BLAKE2b.
package struct Digest: Hashable, Sendable, CustomStringConvertible {
    // 32 bytes in place; an array would allocate memory for each digest.
    private let lanes: SIMD32<UInt8>

    /// A digest of exactly 32 bytes; nil for any other number.
    package init?(_ bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        lanes = SIMD32(bytes)
    }

    /// The 32 bytes.
    package var bytes: [UInt8] { lanes.indices.map { lanes[$0] } }

    /// 64 hexadecimal digits.
    package var description: String { hexadecimal(bytes) }
}

extension Digest: WireValue {
    /// 32 bytes.
    package static var minimumBytes: Int { 32 }
    /// The next number, 32 times.
    package static func sample(_ numbers: inout SampleNumbers) -> Digest {
        Digest([UInt8](repeating: .sample(&numbers), count: 32))!
    }
    /// Reads 32 bytes.
    package init(from reader: inout ByteReader) throws(MessageError) {
        var lanes = SIMD32<UInt8>()
        for place in lanes.indices { lanes[place] = try reader.integer() }
        self.lanes = lanes
    }
    /// Writes 32 bytes.
    package func write(to writer: inout ByteWriter) throws(MessageError) { writer.raw(bytes) }
}

func hexadecimal(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(2 * bytes.count)
    for byte in bytes {
        text.append(digits[Int(byte >> 4)])
        text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
}
