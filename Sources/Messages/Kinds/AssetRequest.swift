/// A worker asks for a part of a file by the file's digest: the teacher's weights, a packed scan.
package struct AssetRequest: MessageFields {
    /// Its number.
    package static let kind = MessageKind.assetRequest

    /// Digest of the whole file: SHA-256 of the teacher, BLAKE2b of scans and their list.
    package var digest: Digest
    /// Where the part begins, bytes.
    package var offset: UInt64
    /// How long it may be, bytes.
    package var length: UInt32

    /// A message of the given fields.
    package init(digest: Digest, offset: UInt64, length: UInt32) {
        self.digest = digest
        self.offset = offset
        self.length = length
    }

    /// Reads the fields in order.
    package init(from reader: inout ByteReader) throws(MessageError) {
        digest = try reader.read("digest")
        offset = try reader.read("offset")
        length = try reader.read("length")
        try reader.require(
            (1...Limits.payloadBytes).contains(Int(length)),
            "asks for \(length) bytes at once")
    }

    /// Writes the fields in order.
    package func write(to writer: inout ByteWriter) throws(MessageError) {
        try writer.write(digest)
        try writer.write(offset)
        try writer.write(length)
    }
}
