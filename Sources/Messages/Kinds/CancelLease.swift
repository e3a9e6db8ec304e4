/// The worker need not go on with a lease: others were faster.
public struct CancelLease: MessageFields {
    /// Its number.
    public static let kind = MessageKind.cancelLease

    /// The lease's number.
    public var lease: UInt64

    /// A message of the given fields.
    public init(lease: UInt64) {
        self.lease = lease
    }

    /// Reads the fields in order.
    public init(from reader: inout ByteReader) throws(MessageError) {
        lease = try reader.read("lease")
    }

    /// Writes the fields in order.
    public func write(to writer: inout ByteWriter) throws(MessageError) {
        try writer.write(lease)
    }
}
