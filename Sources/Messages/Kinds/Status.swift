/// How the run is doing.
public struct Status: MessageFields {
    /// Its number.
    public static let kind = MessageKind.status

    /// A JSON document.
    public var json: String

    /// A message of the given fields.
    public init(json: String) {
        self.json = json
    }

    /// Reads the fields in order.
    public init(from reader: inout ByteReader) throws(MessageError) {
        json = try reader.text("document", limit: Limits.statusBytes, multiline: true)
    }

    /// Writes the fields in order.
    public func write(to writer: inout ByteWriter) throws(MessageError) {
        try writer.text(json, "document", limit: Limits.statusBytes, multiline: true)
    }
}
