/// A value with one fixed way to be written as bytes.
///
/// What ``init(from:)`` accepts, ``write(to:)`` gives back byte for byte; the fuzz tests hold every
/// message to that.
package protocol WireValue: Sendable, Equatable {
    /// The fewest bytes that one takes: how a forged count is found out before allocation.
    static var minimumBytes: Int { get }
    /// Reads one.
    init(from reader: inout ByteReader) throws(MessageError)
    /// Writes it.
    func write(to writer: inout ByteWriter) throws(MessageError)
}

extension WireValue where Self: FixedWidthInteger {
    /// Its width.
    package static var minimumBytes: Int { bitWidth / 8 }
    /// Reads it, little-endian.
    package init(from reader: inout ByteReader) throws(MessageError) { self = try reader.integer() }
    /// Writes it, little-endian.
    package func write(to writer: inout ByteWriter) throws(MessageError) { writer.integer(self) }
}

extension UInt8: WireValue {}
extension UInt16: WireValue {}
extension UInt32: WireValue {}
extension UInt64: WireValue {}

extension Double: WireValue {
    /// Eight bytes.
    package static var minimumBytes: Int { 8 }
    /// Reads the bits of an IEEE 754 double, little-endian.
    package init(from reader: inout ByteReader) throws(MessageError) {
        self.init(bitPattern: try reader.integer())
    }
    /// Writes its bits, little-endian.
    package func write(to writer: inout ByteWriter) throws(MessageError) {
        writer.integer(bitPattern)
    }
}
