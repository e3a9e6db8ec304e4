/// Somebody asks how the run is doing.
public struct StatusRequest: MessageFields {
    /// Its number.
    public static let kind = MessageKind.statusRequest

    /// Whether what everybody did in the last steps is wanted as well.
    public var traced: Bool

    /// A message of the given fields.
    public init(traced: Bool = false) { self.traced = traced }

    /// Reads the fields in order.
    public init(from reader: inout ByteReader) throws(MessageError) {
        traced = try reader.flag("traced")
    }

    /// Writes the fields in order.
    public func write(to writer: inout ByteWriter) throws(MessageError) { writer.flag(traced) }
}
