/// Frame 0 of every message: who may read on.
///
/// 32 bytes, little-endian: magic `DNJU` (4), protocol version (2), kind (2), run id (16),
/// coordinator epoch (8). A receiver drops what is not of its run and epoch before it looks at
/// the fields.
package struct Envelope: Sendable, Equatable {
    /// The protocol version that this build speaks; both ends must speak the same.
    package static let protocolVersion: UInt16 = 3
    /// The bytes `DNJU`, read as a little-endian number.
    static let magic: UInt32 = 0x554A_4E44
    /// How many bytes an envelope takes.
    package static let byteCount = 32

    /// The kind of the message.
    package var kind: MessageKind
    /// The run it belongs to; ``RunID/none`` in the first words of a worker.
    package var run: RunID
    /// How often the run's coordinator had been started; 0 in the first words of a worker.
    package var epoch: UInt64

    /// An envelope of the given contents.
    package init(kind: MessageKind, run: RunID, epoch: UInt64) {
        self.kind = kind
        self.run = run
        self.epoch = epoch
    }

    /// Reads an envelope.
    ///
    /// The magic and the version are judged before the length, so that a peer of another version
    /// is told so even if its envelope is longer.
    package init(bytes: [UInt8]) throws(MessageError) {
        var reader = ByteReader(bytes, of: "envelope")
        let magic: UInt32 = try reader.read("magic")
        guard magic == Self.magic else {
            throw MessageError(
                .notDenju,
                """
                The peer does not speak denju's protocol: its message begins with the bytes \
                \(hexadecimal(Array(bytes.prefix(4)))), not with 444e4a55 ("DNJU").
                """)
        }
        let version: UInt16 = try reader.read("protocol version")
        guard version == Self.protocolVersion else {
            throw MessageError(
                .version(theirs: version, ours: Self.protocolVersion),
                """
                The peer speaks protocol version \(version) and this side version \
                \(Self.protocolVersion): run the same version of denju on both.
                """)
        }
        let number: UInt16 = try reader.read("kind")
        run = try reader.read("run id")
        epoch = try reader.read("coordinator epoch")
        try reader.finish()
        guard let kind = MessageKind(rawValue: number) else {
            throw MessageError(
                .unknownKind(number),
                """
                Protocol version \(Self.protocolVersion) has no message of kind \(number) \
                (1 to \(MessageKind.allCases.count) are known).
                """)
        }
        self.kind = kind
    }

    /// Its 32 bytes.
    package var bytes: [UInt8] {
        var writer = ByteWriter(of: "envelope")
        writer.integer(Self.magic)
        writer.integer(Self.protocolVersion)
        writer.integer(kind.rawValue)
        writer.integer(run.low)
        writer.integer(run.high)
        writer.integer(epoch)
        return writer.bytes
    }
}
