/// A message: a number, a layout of its fields, and the payload frames that follow them.
///
/// To add a message, write a struct in `Kinds` and name it in ``MessageCatalogue/messages``. Tests
/// read, write and damage every message of the catalogue.
package protocol Message: WireRecord {
    /// The message's number on the wire.
    static var kind: MessageKind { get }
    /// The payload frames that the fields declare.
    var payloads: PayloadRule { get }
}

extension Message {
    /// No payload frames.
    package var payloads: PayloadRule { .none }

    /// The message's number on the wire.
    package var kind: MessageKind { Self.kind }

    /// The body frame.
    ///
    /// Throws ``MessageError`` if a text or a count exceeds its limit: the peer would reject the
    /// message.
    package func body() throws(MessageError) -> [UInt8] {
        var writer = ByteWriter(of: "\(Self.self)")
        try write(to: &writer)
        return writer.bytes
    }

    /// Reads the body frame and checks the payload frames' sizes against the fields.
    package init(body: [UInt8], payloadSizes: [Int]) throws(MessageError) {
        let name = "\(Self.self)"
        // A socket accepts frames of the size of payloads, which exceeds that of a body.
        guard body.count <= Limits.bodyBytes else {
            throw MessageError(
                .limit,
                "The \(name) of \(body.count) bytes is too long; at most \(Limits.bodyBytes) are allowed."
            )
        }
        var reader = ByteReader(body, of: name)
        self = try Self(from: &reader)
        try reader.finish()
        try payloads.check(payloadSizes, of: name)
    }

    /// The envelope and body frames, after a check that payloads of these sizes fit the fields.
    package func encode(
        run: RunID, epoch: UInt64, payloadSizes: [Int] = []
    ) throws(MessageError) -> (envelope: [UInt8], body: [UInt8]) {
        try payloads.check(payloadSizes, of: "\(Self.self)")
        return (Envelope(kind: kind, run: run, epoch: epoch).bytes, try body())
    }

    /// Whether the other message is of the same kind and has equal fields.
    package func isEqual(to other: any Message) -> Bool { other as? Self == self }
}
