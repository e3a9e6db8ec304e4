/// A worker leaves of its own accord, or a coordinator leaves a run that is not over, and why.
public struct Goodbye: MessageFields {
    /// Its number.
    public static let kind = MessageKind.goodbye

    /// One sentence; control characters become spaces, and it is cut at the limit.
    public let reason: String

    /// A message of the given fields.
    public init(reason: String) {
        self.reason = Text.sentence(reason)
    }

    /// Reads the fields in order.
    public init(from reader: inout ByteReader) throws(MessageError) {
        reason = try reader.text("reason", limit: Limits.sentenceBytes)
    }

    /// Writes the fields in order.
    public func write(to writer: inout ByteWriter) throws(MessageError) {
        try writer.text(reason, "reason", limit: Limits.sentenceBytes)
    }
}
