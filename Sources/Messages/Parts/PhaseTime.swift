/// How long a worker spent in one phase.
package struct PhaseTime: WireValue {
    /// The phase's number.
    package var phase: UInt8
    /// Its length.
    package var nanoseconds: UInt64

    /// One of the given values.
    package init(phase: UInt8, nanoseconds: UInt64) {
        self.phase = phase
        self.nanoseconds = nanoseconds
    }

    /// Its fields, with empty lists.
    package static var minimumBytes: Int { 9 }

    /// Reads the fields in order.
    package init(from reader: inout ByteReader) throws(MessageError) {
        phase = try reader.read("phase")
        nanoseconds = try reader.read("nanoseconds")
    }

    /// Writes the fields in order.
    package func write(to writer: inout ByteWriter) throws(MessageError) {
        try writer.write(phase)
        try writer.write(nanoseconds)
    }
}
