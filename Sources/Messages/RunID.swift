/// The 128 random bits that identify a run: drawn once, stored in every checkpoint.
package struct RunID: Hashable, Sendable, CustomStringConvertible {
    /// The upper 64 bits.
    package let high: UInt64
    /// The lower 64 bits.
    package let low: UInt64

    /// The id of no run: a worker's ``Hello`` carries it.
    package static let none = RunID(high: 0, low: 0)

    /// The id of the given bits.
    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// A new id from the system's random numbers.
    package static func random() -> RunID {
        // The upper half is never 0, so that no run has the id of no run.
        RunID(high: .random(in: 1 ... .max), low: .random(in: 0 ... .max))
    }

    /// An id from its ``description``; nil if that is not 32 hexadecimal digits.
    package init?(_ description: String) {
        let digits = Array(description.utf8)
        // UInt64's initialiser alone would accept a sign as the first of 16 characters.
        guard digits.count == 32, description.allSatisfy(\.isHexDigit),
            let high = UInt64(String(decoding: digits[..<16], as: UTF8.self), radix: 16),
            let low = UInt64(String(decoding: digits[16...], as: UTF8.self), radix: 16)
        else { return nil }
        self.init(high: high, low: low)
    }

    /// 32 hexadecimal digits, upper bits first.
    package var description: String {
        hexadecimal(
            [high, low].flatMap { word in
                (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * $0)) }
            })
    }
}

extension RunID: WireValue {
    /// 16 bytes.
    package static var minimumBytes: Int { 16 }
    /// The next two numbers.
    package static func sample(_ numbers: inout SampleNumbers) -> RunID {
        RunID(high: numbers.next(), low: numbers.next())
    }
    /// Reads the lower, then the upper 64 bits, little-endian.
    package init(from reader: inout ByteReader) throws(MessageError) {
        low = try reader.integer()
        high = try reader.integer()
    }
    /// Writes the lower, then the upper 64 bits, little-endian.
    package func write(to writer: inout ByteWriter) throws(MessageError) {
        writer.integer(low)
        writer.integer(high)
    }
}
