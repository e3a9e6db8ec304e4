/// Under which digest an ``AssetRequest`` gets a scan, or why it cannot be had.
public struct SceneOffer: MessageFields {
    /// Its number.
    public static let kind = MessageKind.sceneOffer

    /// What became of the request.
    public enum Answer: Sendable, Equatable {
        /// The digest of the packed scan, and how many bytes it has.
        case packed(Digest, bytes: UInt64)
        /// The coordinator cannot read it: one sentence, cut at the limit.
        case unreadable(String)
    }

    /// Which scan.
    public let scene: SceneReference
    /// What became of the request.
    public let answer: Answer

    /// An answer.
    public init(_ scene: SceneReference, _ answer: Answer) {
        self.scene = scene
        self.answer =
            if case .unreadable(let reason) = answer { .unreadable(Text.sentence(reason)) } else {
                answer
            }
    }

    /// Reads the fields in order.
    public init(from reader: inout ByteReader) throws(MessageError) {
        scene = try reader.read("scan")
        answer =
            if try reader.flag("packed flag") {
                .packed(try reader.read("digest"), bytes: try reader.read("bytes"))
            } else {
                .unreadable(try reader.text("reason", limit: Limits.sentenceBytes))
            }
    }

    /// Writes the fields in order.
    public func write(to writer: inout ByteWriter) throws(MessageError) {
        try writer.write(scene)
        switch answer {
        case .packed(let digest, let bytes):
            writer.flag(true)
            try writer.write(digest)
            try writer.write(bytes)
        case .unreadable(let reason):
            writer.flag(false)
            try writer.text(reason, "reason", limit: Limits.sentenceBytes)
        }
    }
}
