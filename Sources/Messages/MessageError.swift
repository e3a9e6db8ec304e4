/// An error in received bytes that are not a message, or in a message that must not be sent.
package struct MessageError: Error, CustomStringConvertible, Equatable, Sendable {
    /// The kind of error, for callers that count errors or react to them.
    package enum Problem: Sendable, Equatable {
        /// The bytes do not begin with the magic: the peer runs another program.
        case notDenju
        /// The peer has another protocol version.
        case version(theirs: UInt16, ours: UInt16)
        /// This protocol version has no message of that kind.
        case unknownKind(UInt16)
        /// The bytes end before the fields do.
        case truncated
        /// Bytes follow the last field.
        case trailing
        /// A length, count or size exceeds its limit.
        case limit
        /// A field has a value that no writer produces.
        case value
        /// The payload frames differ from those that the fields declare.
        case payloads
    }

    /// The kind of error.
    package let problem: Problem
    /// The error in one sentence.
    package let description: String

    /// An error of the given kind.
    package init(_ problem: Problem, _ sentence: String) {
        self.problem = problem
        description = sentence
    }

    static func unknown(_ kind: MessageKind) -> MessageError {
        let highest = MessageCatalogue.messages.map { $0.kind.number }.max() ?? 0
        return MessageError(
            .unknownKind(kind.number),
            """
            Protocol version \(Envelope.protocolVersion) has no message of kind \(kind.number) (the \
            highest is \(highest)).
            """)
    }
}
