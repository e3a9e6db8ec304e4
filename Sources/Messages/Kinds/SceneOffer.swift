/// The digest for an ``AssetRequest`` of a scan, or the reason why the scan is unavailable.
package struct SceneOffer: Message {
    package static let kind: MessageKind = 22

    /// The result of the request.
    package enum Answer: Sendable, Equatable {
        /// The digest and the length in bytes of the packed scan.
        case packed(Digest, bytes: UInt64)
        /// The coordinator cannot read the scan: one sentence, cut at the limit.
        case unreadable(String)
    }

    /// The scan.
    package let scene: SceneReference
    /// The result of the request.
    package let answer: Answer

    package static let layout = Layout(
        SceneOffer.init(_:_:), .value("scan", \.scene), .value("answer", \.answer))

    /// An answer to a request for a scan.
    package init(_ scene: SceneReference, _ answer: Answer) {
        self.scene = scene
        // A reason may quote a file's name, with characters that readers reject.
        self.answer =
            if case .unreadable(let reason) = answer { .unreadable(Text.sentence(reason)) } else {
                answer
            }
    }
}

extension SceneOffer.Answer: WireValue {
    /// The flag.
    package static var minimumBytes: Int { 1 }

    /// A packed scan.
    package static func sample(_ numbers: inout SampleNumbers) -> Self {
        .packed(.sample(&numbers), bytes: .sample(&numbers))
    }

    /// Reads a flag, then the alternative that it announces.
    package init(from reader: inout ByteReader) throws(MessageError) {
        self =
            if try reader.flag("packed flag") {
                .packed(try reader.read("digest"), bytes: try reader.read("bytes"))
            } else {
                .unreadable(try reader.text("reason", limit: Limits.sentenceBytes))
            }
    }

    /// Writes 1, digest and length; or 0 and the reason.
    package func write(to writer: inout ByteWriter) throws(MessageError) {
        switch self {
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
