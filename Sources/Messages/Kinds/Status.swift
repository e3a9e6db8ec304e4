/// How the run is doing.
package struct Status: MessageFields {
    /// Its number.
    package static let kind = MessageKind.status

    /// A JSON document.
    package var json: String

    /// A message of the given fields.
    package init(json: String) {
        self.json = json
    }

    /// Reads the fields in order.
    package init(from reader: inout ByteReader) throws(MessageError) {
        json = try reader.text("document", limit: Limits.statusBytes, multiline: true)
    }

    /// Writes the fields in order.
    package func write(to writer: inout ByteWriter) throws(MessageError) {
        try writer.text(json, "document", limit: Limits.statusBytes, multiline: true)
    }
}
