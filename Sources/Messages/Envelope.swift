/// Frame 0 of every message: the protocol, the kind of message, and the run that it belongs to.
///
/// 32 bytes, little-endian: magic `DNJU` (4), protocol version (2), kind (2), run id (16),
/// coordinator epoch (8). A receiver drops messages of another run or epoch without reading their
/// fields.
package struct Envelope: Sendable, Equatable {
    /// The protocol version of this build; both ends must have the same.
    package static let protocolVersion: UInt16 = 5
    /// The bytes `DNJU`, read as a little-endian number.
    static let magic: UInt32 = 0x554A_4E44
    /// The bytes that an envelope takes.
    package static let byteCount = 32

    /// The kind of the message.
    package var kind: MessageKind
    /// The run that the message belongs to; ``RunID/none`` in a worker's ``Hello``.
    package var run: RunID
    /// The number of times that the run's coordinator has been started; 0 in a worker's ``Hello``.
    package var epoch: UInt64

    /// An envelope of the given contents.
    package init(kind: MessageKind, run: RunID, epoch: UInt64) {
        self.kind = kind
        self.run = run
        self.epoch = epoch
    }

    /// Reads an envelope.
    ///
    /// The magic and the version are checked before the length: the error for a peer of another
    /// version names the versions even if its envelope is longer.
    package init(bytes: [UInt8]) throws(MessageError) {
        var reader = ByteReader(bytes, of: "envelope")
        // The magic comes first: any program may connect to the port, and the error should say so.
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
        // The version follows the magic: everything behind it may differ between versions.
        guard version == Self.protocolVersion else {
            throw MessageError(
                .version(theirs: version, ours: Self.protocolVersion),
                """
                The peer speaks protocol version \(version) and this side version \
                \(Self.protocolVersion): run the same version of denju on both.
                """)
        }
        kind = MessageKind(try reader.read("kind"))
        run = try reader.read("run id")
        epoch = try reader.read("coordinator epoch")
        try reader.finish()
        // Unknown kinds are refused here, before a body of unknown layout is looked at.
        guard MessageCatalogue.message(kind) != nil else { throw .unknown(kind) }
    }

    /// The 32 bytes of the envelope.
    package var bytes: [UInt8] {
        var writer = ByteWriter(of: "envelope")
        writer.integer(Self.magic)
        writer.integer(Self.protocolVersion)
        writer.integer(kind.number)
        writer.integer(run.low)
        writer.integer(run.high)
        writer.integer(epoch)
        return writer.bytes
    }
}
