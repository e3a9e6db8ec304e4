/// The coordinator heard a heartbeat and is alive itself.
package struct HeartbeatReply: MessageFields {
    /// Its number.
    package static let kind = MessageKind.heartbeatReply

    /// The progress count it heard.
    package var progress: UInt64

    /// A message of the given fields.
    package init(progress: UInt64) {
        self.progress = progress
    }

    /// Reads the fields in order.
    package init(from reader: inout ByteReader) throws(MessageError) {
        progress = try reader.read("progress")
    }

    /// Writes the fields in order.
    package func write(to writer: inout ByteWriter) throws(MessageError) {
        try writer.write(progress)
    }
}
