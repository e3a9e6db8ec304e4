internal import CSodium

/// A SHA-256 digest: 32 bytes that stand for any number of others.
///
/// Printed, compared and stored as 64 lower-case hexadecimal digits.
public struct SHA256: Sendable, Hashable {
    /// The 32 bytes.
    public let bytes: [UInt8]

    /// The digest with the given 32 bytes; nil if they are not 32.
    public init?(bytes: [UInt8]) {
        guard bytes.count == SHA256.byteCount else { return nil }
        self.bytes = bytes
    }

    /// The digest of the given bytes.
    public init(of bytes: RawSpan) {
        var hasher = Hasher()
        hasher.update(bytes)
        self = hasher.finalize()
    }

    /// The digest of the given bytes.
    public init(of bytes: [UInt8]) {
        var hasher = Hasher()
        hasher.update(bytes)
        self = hasher.finalize()
    }

    /// The digest of the UTF-8 bytes of a text.
    public init(of text: String) { self.init(of: [UInt8](text.utf8)) }

    /// How many bytes a digest has.
    public static let byteCount = 32
}

// MARK: - Hexadecimal

extension SHA256: CustomStringConvertible, Codable {
    /// The digest written as 64 lower-case hexadecimal digits; nil for anything else, capital
    /// letters included, so that one digest has one spelling.
    public init?(hex: String) {
        let digits = [UInt8](hex.utf8)
        guard digits.count == 2 * SHA256.byteCount else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = SHA256.value(ofDigit: digits[index]),
                let low = SHA256.value(ofDigit: digits[index + 1])
            else { return nil }
            bytes.append(high << 4 | low)
        }
        self.bytes = bytes
    }

    private static func value(ofDigit digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }

    /// 64 lower-case hexadecimal digits.
    public var hex: String {
        let digits = Array("0123456789abcdef".utf8)
        let text = bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }

    /// 64 lower-case hexadecimal digits.
    public var description: String { hex }

    /// Reads the hexadecimal form.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let digest = SHA256(hex: text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "“\(text)” is not a SHA-256 in hexadecimal")
        }
        self = digest
    }

    /// Writes the hexadecimal form.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(hex)
    }
}

// MARK: - Streaming

extension SHA256 {
    /// Takes bytes as they come and gives their digest; the splits between calls do not matter.
    ///
    /// A value: a copy goes its own way. 64 bytes of buffer, whatever the length.
    public struct Hasher: Sendable {
        private var state = crypto_hash_sha256_state()

        /// A hasher that has seen no bytes.
        public init() { _ = unsafe crypto_hash_sha256_init(&state) }

        /// Adds bytes at the end.
        public mutating func update(_ bytes: RawSpan) {
            unsafe bytes.withUnsafeBytes { buffer in
                guard let start = buffer.baseAddress else { return }
                _ = unsafe crypto_hash_sha256_update(
                    &state, start.assumingMemoryBound(to: UInt8.self), UInt64(buffer.count))
            }
        }

        /// Adds bytes at the end.
        public mutating func update(_ bytes: [UInt8]) { update(unsafe bytes.span.bytes) }

        /// The digest of the bytes seen so far; more may follow.
        public func finalize() -> SHA256 {
            var copy = state
            var digest = [UInt8](repeating: 0, count: SHA256.byteCount)
            _ = unsafe crypto_hash_sha256_final(&copy, &digest)
            guard let result = SHA256(bytes: digest) else {
                preconditionFailure("A SHA-256 digest has \(SHA256.byteCount) bytes.")
            }
            return result
        }
    }
}
