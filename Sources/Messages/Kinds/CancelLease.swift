/// The worker need not go on with a lease: others were faster.
package struct CancelLease: MessageFields {
    /// Its number.
    package static let kind = MessageKind.cancelLease

    /// The lease's number.
    package var lease: UInt64

    /// A message of the given fields.
    package init(lease: UInt64) {
        self.lease = lease
    }

    /// Reads the fields in order.
    package init(from reader: inout ByteReader) throws(MessageError) {
        lease = try reader.read("lease")
    }

    /// Writes the fields in order.
    package func write(to writer: inout ByteWriter) throws(MessageError) {
        try writer.write(lease)
    }
}
