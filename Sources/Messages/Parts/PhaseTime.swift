/// How long a worker spent in one phase.
public struct PhaseTime: WireValue {
    /// The phase's number.
    public var phase: UInt8
    /// Its length.
    public var nanoseconds: UInt64

    /// One of the given values.
    public init(phase: UInt8, nanoseconds: UInt64) {
        self.phase = phase
        self.nanoseconds = nanoseconds
    }

    /// Its fields, with empty lists.
    public static var minimumBytes: Int { 9 }

    /// Reads the fields in order.
    public init(from reader: inout ByteReader) throws(MessageError) {
        phase = try reader.read("phase")
        nanoseconds = try reader.read("nanoseconds")
    }

    /// Writes the fields in order.
    public func write(to writer: inout ByteWriter) throws(MessageError) {
        try writer.write(phase)
        try writer.write(nanoseconds)
    }
}
