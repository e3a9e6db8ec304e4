/// The coordinator heard a heartbeat and is alive itself.
public struct HeartbeatReply: MessageFields {
    /// Its number.
    public static let kind = MessageKind.heartbeatReply

    /// The progress count it heard.
    public var progress: UInt64

    /// A message of the given fields.
    public init(progress: UInt64) {
        self.progress = progress
    }

    /// Reads the fields in order.
    public init(from reader: inout ByteReader) throws(MessageError) {
        progress = try reader.read("progress")
    }

    /// Writes the fields in order.
    public func write(to writer: inout ByteWriter) throws(MessageError) {
        try writer.write(progress)
    }
}
