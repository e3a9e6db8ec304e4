/// Somebody asks how the run is doing.
package struct StatusRequest: MessageFields {
    /// Its number.
    package static let kind = MessageKind.statusRequest

    /// Whether what everybody did in the last steps is wanted as well.
    package var traced: Bool

    /// A message of the given fields.
    package init(traced: Bool = false) { self.traced = traced }

    /// Reads the fields in order.
    package init(from reader: inout ByteReader) throws(MessageError) {
        traced = try reader.flag("traced")
    }

    /// Writes the fields in order.
    package func write(to writer: inout ByteWriter) throws(MessageError) { writer.flag(traced) }
}
