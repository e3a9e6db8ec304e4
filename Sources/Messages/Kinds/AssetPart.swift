/// A part of a file; the payload is its bytes.
package struct AssetPart: Message {
    package static let kind: MessageKind = 5

    /// The digest of the whole file: SHA-256 for the teacher, BLAKE2b for scans and their list.
    package var digest: Digest
    /// The first byte of the part.
    package var offset: UInt64
    /// The length of the whole file in bytes.
    package var total: UInt64

    /// The bytes from `offset` up to at most `total`; no bytes only at the very end.
    package var payloads: PayloadRule {
        // A message to be sent has not been checked: its offset may lie beyond its total.
        let left = Int(min(total - min(offset, total), UInt64(Limits.payloadBytes)))
        return .one(in: min(left, 1)...left, unit: 1)
    }

    package static let layout = Layout(
        AssetPart.init(digest:offset:total:),
        .value("digest", \.digest),
        .value("offset", \.offset),
        .value("total", \.total)
    )
    .rejecting { $0.offset > $0.total ? "begins at byte \($0.offset) of \($0.total)" : nil }

    /// A message with the given fields.
    package init(digest: Digest, offset: UInt64, total: UInt64) {
        self.digest = digest
        self.offset = offset
        self.total = total
    }
}
