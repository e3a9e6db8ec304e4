/// A worker that does not have the data asks for a scan; the answer is a ``SceneOffer``.
public struct SceneRequest: MessageFields {
    /// Its number.
    public static let kind = MessageKind.sceneRequest

    /// Which scan.
    public var scene: SceneReference

    /// A message of the given field.
    public init(_ scene: SceneReference) { self.scene = scene }

    /// Reads the fields in order.
    public init(from reader: inout ByteReader) throws(MessageError) {
        scene = try reader.read("scan")
    }

    /// Writes the fields in order.
    public func write(to writer: inout ByteWriter) throws(MessageError) {
        try writer.write(scene)
    }
}
