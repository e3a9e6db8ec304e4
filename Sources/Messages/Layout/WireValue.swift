/// A value with exactly one representation as bytes.
///
/// ``write(to:)`` reproduces byte for byte what ``init(from:)`` accepts; the fuzz tests check this
/// for every message.
package protocol WireValue: Sendable, Equatable {
    /// The fewest bytes that a value takes.
    ///
    /// A list's declared count is compared with the bytes left before memory is allocated for it.
    static var minimumBytes: Int { get }
    /// A value for tests.
    static func sample(_ numbers: inout SampleNumbers) -> Self
    /// Reads a value.
    init(from reader: inout ByteReader) throws(MessageError)
    /// Writes the value.
    func write(to writer: inout ByteWriter) throws(MessageError)
}

extension WireValue where Self: FixedWidthInteger {
    /// The integer's width.
    package static var minimumBytes: Int { bitWidth / 8 }
    /// The next number.
    package static func sample(_ numbers: inout SampleNumbers) -> Self {
        Self(truncatingIfNeeded: numbers.next())
    }
    /// Reads an integer, little-endian.
    package init(from reader: inout ByteReader) throws(MessageError) { self = try reader.integer() }
    /// Writes the integer, little-endian.
    package func write(to writer: inout ByteWriter) throws(MessageError) { writer.integer(self) }
}

extension UInt8: WireValue {}
extension UInt16: WireValue {}
extension UInt32: WireValue {}
extension UInt64: WireValue {}

extension Double: WireValue {
    /// Eight bytes.
    package static var minimumBytes: Int { 8 }
    /// The next number and a half.
    package static func sample(_ numbers: inout SampleNumbers) -> Double {
        Double(numbers.next()) + 0.5
    }
    /// Reads the bits of an IEEE 754 double, little-endian.
    package init(from reader: inout ByteReader) throws(MessageError) {
        self.init(bitPattern: try reader.integer())
    }
    /// Writes the bits of the double, little-endian.
    package func write(to writer: inout ByteWriter) throws(MessageError) {
        // The bits, so that NaN and signed zeros arrive as they were sent.
        writer.integer(bitPattern)
    }
}
