/// A worker requests a part of a file by the file's digest: the teacher's weights, a packed scan.
package struct AssetRequest: Message {
    package static let kind: MessageKind = 4

    /// The digest of the whole file: SHA-256 for the teacher, BLAKE2b for scans and their list.
    package var digest: Digest
    /// The first byte of the part.
    package var offset: UInt64
    /// The most bytes that the part may have.
    package var length: UInt32

    package static let layout = Layout(
        AssetRequest.init(digest:offset:length:),
        .value("digest", \.digest),
        .value("offset", \.offset),
        .value("length", \.length)
    )
    .rejecting {
        (1...Limits.payloadBytes).contains(Int($0.length))
            ? nil : "asks for \($0.length) bytes at once"
    }

    /// A message with the given fields.
    package init(digest: Digest, offset: UInt64, length: UInt32) {
        self.digest = digest
        self.offset = offset
        self.length = length
    }
}
