/// A part of a file; the payload is its bytes.
package struct AssetPart: MessageFields {
    /// Its number.
    package static let kind = MessageKind.assetPart

    /// Digest of the whole file: SHA-256 of the teacher, BLAKE2b of scans and their list.
    package var digest: Digest
    /// Where the part begins, bytes.
    package var offset: UInt64
    /// How long the whole file is, bytes.
    package var total: UInt64

    /// A message of the given fields.
    package init(digest: Digest, offset: UInt64, total: UInt64) {
        self.digest = digest
        self.offset = offset
        self.total = total
    }

    /// The bytes from `offset`, no further than `total`; none only at the very end.
    package var payloads: PayloadRule {
        let left = Int(min(total - min(offset, total), UInt64(Limits.payloadBytes)))
        return .one(in: min(left, 1)...left, unit: 1)
    }

    /// Reads the fields in order.
    package init(from reader: inout ByteReader) throws(MessageError) {
        digest = try reader.read("digest")
        offset = try reader.read("offset")
        total = try reader.read("total")
        try reader.require(offset <= total, "begins at byte \(offset) of \(total)")
    }

    /// Writes the fields in order.
    package func write(to writer: inout ByteWriter) throws(MessageError) {
        try writer.write(digest)
        try writer.write(offset)
        try writer.write(total)
    }
}
