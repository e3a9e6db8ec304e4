/// A digest of 32 bytes.
///
/// Digests are printed and stored as 64 lower-case hexadecimal digits.
package protocol Digest256: Sendable, Hashable, CustomStringConvertible, Codable {
    /// The digest's name in messages, such as `SHA-256`.
    static var name: String { get }
    /// The 32 bytes.
    var bytes: [UInt8] { get }
    /// The digest with the given 32 bytes; nil if they are not 32.
    init?(bytes: [UInt8])
    /// The digest of the given bytes.
    init(of bytes: RawSpan)
}

extension Digest256 {
    /// The size of a digest in bytes.
    package static var byteCount: Int { 32 }

    /// The digest of the given bytes.
    package init(of bytes: [UInt8]) { self.init(of: unsafe bytes.span.bytes) }

    /// The digest of the UTF-8 bytes of a text.
    package init(of text: String) { self.init(of: [UInt8](text.utf8)) }

    // Capital letters are rejected, so that each digest has one spelling: files are named by it.
    /// Reads 64 lower-case hexadecimal digits; nil for other texts.
    package init?(hex: String) {
        let digits = [UInt8](hex.utf8)
        guard digits.count == 2 * Self.byteCount else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = value(ofDigit: digits[index]),
                let low = value(ofDigit: digits[index + 1])
            else { return nil }
            bytes.append(high << 4 | low)
        }
        self.init(bytes: bytes)
    }

    /// 64 lower-case hexadecimal digits.
    package var hex: String { hexadecimal(bytes) }

    /// 64 lower-case hexadecimal digits.
    package var description: String { hex }

    /// Reads the hexadecimal form.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let digest = Self(hex: text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "“\(text)” is not a \(Self.name) in hexadecimal")
        }
        self = digest
    }

    /// Writes the hexadecimal form.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(hex)
    }
}

private func value(ofDigit digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    default: nil
    }
}
