/// A worker that does not have the data asks for a scan; the answer is a ``SceneOffer``.
package struct SceneRequest: MessageFields {
    /// Its number.
    package static let kind = MessageKind.sceneRequest

    /// Which scan.
    package var scene: SceneReference

    /// A message of the given field.
    package init(_ scene: SceneReference) { self.scene = scene }

    /// Reads the fields in order.
    package init(from reader: inout ByteReader) throws(MessageError) {
        scene = try reader.read("scan")
    }

    /// Writes the fields in order.
    package func write(to writer: inout ByteWriter) throws(MessageError) {
        try writer.write(scene)
    }
}
