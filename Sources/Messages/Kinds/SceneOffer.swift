/// Under which digest an ``AssetRequest`` gets a scan, or why it cannot be had.
package struct SceneOffer: MessageFields {
    /// Its number.
    package static let kind = MessageKind.sceneOffer

    /// What became of the request.
    package enum Answer: Sendable, Equatable {
        /// The digest of the packed scan, and how many bytes it has.
        case packed(Digest, bytes: UInt64)
        /// The coordinator cannot read it: one sentence, cut at the limit.
        case unreadable(String)
    }

    /// Which scan.
    package let scene: SceneReference
    /// What became of the request.
    package let answer: Answer

    /// An answer.
    package init(_ scene: SceneReference, _ answer: Answer) {
        self.scene = scene
        self.answer =
            if case .unreadable(let reason) = answer { .unreadable(Text.sentence(reason)) } else {
                answer
            }
    }

    /// Reads the fields in order.
    package init(from reader: inout ByteReader) throws(MessageError) {
        scene = try reader.read("scan")
        answer =
            if try reader.flag("packed flag") {
                .packed(try reader.read("digest"), bytes: try reader.read("bytes"))
            } else {
                .unreadable(try reader.text("reason", limit: Limits.sentenceBytes))
            }
    }

    /// Writes the fields in order.
    package func write(to writer: inout ByteWriter) throws(MessageError) {
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
