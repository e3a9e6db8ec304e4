/// Somebody asks how the run is doing.
public struct StatusRequest: MessageFields {
    /// Its number.
    public static let kind = MessageKind.statusRequest

    /// A message of the given fields.
    public init() {}

    /// Reads the fields in order.
    public init(from reader: inout ByteReader) throws(MessageError) {}

    /// Writes the fields in order.
    public func write(to writer: inout ByteWriter) throws(MessageError) {}
}
