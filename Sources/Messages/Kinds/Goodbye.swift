/// A worker leaves of its own accord, or a coordinator leaves a run that is not over, and why.
package struct Goodbye: MessageFields {
    /// Its number.
    package static let kind = MessageKind.goodbye

    /// One sentence; control characters become spaces, and it is cut at the limit.
    package let reason: String

    /// A message of the given fields.
    package init(reason: String) {
        self.reason = Text.sentence(reason)
    }

    /// Reads the fields in order.
    package init(from reader: inout ByteReader) throws(MessageError) {
        reason = try reader.text("reason", limit: Limits.sentenceBytes)
    }

    /// Writes the fields in order.
    package func write(to writer: inout ByteWriter) throws(MessageError) {
        try writer.text(reason, "reason", limit: Limits.sentenceBytes)
    }
}
