/// A message: a number, fields in a fixed order with a reader and a writer, and what payload
/// frames follow.
///
/// To add one: a file in `Kinds`, a number in ``MessageKind``, a case in ``Message``, and its
/// golden bytes in the tests.
package protocol MessageFields: WireValue {
    /// Its number.
    static var kind: MessageKind { get }
    /// The payload frames that its fields declare.
    var payloads: PayloadRule { get }
}

extension MessageFields {
    /// None.
    package var payloads: PayloadRule { .none }
    /// Messages do not stand in lists.
    package static var minimumBytes: Int { 0 }

    /// The body frame.
    ///
    /// Throws ``MessageError`` if a text or a count is beyond its limit: the peer would refuse it.
    package func body() throws(MessageError) -> [UInt8] {
        var writer = ByteWriter(of: "\(Self.self)")
        try write(to: &writer)
        return writer.bytes
    }

    /// Reads the body frame and checks the payload frames' sizes against the fields.
    package init(body: [UInt8], payloadSizes: [Int]) throws(MessageError) {
        let name = "\(Self.self)"
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
}
