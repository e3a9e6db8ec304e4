/// Why bytes from the wire are not a message, or a message cannot be put on the wire.
package struct MessageError: Error, CustomStringConvertible, Equatable, Sendable {
    /// What was wrong, for who counts and decides.
    package enum Problem: Sendable, Equatable {
        /// The bytes do not begin with the magic: the peer is something else altogether.
        case notDenju
        /// The peer speaks another protocol version.
        case version(theirs: UInt16, ours: UInt16)
        /// A kind that this protocol version does not have.
        case unknownKind(UInt16)
        /// The bytes end before the fields do.
        case truncated
        /// Bytes are left over after the last field.
        case trailing
        /// A length, count or size beyond its limit.
        case limit
        /// A field's value that no writer produces.
        case value
        /// The payload frames are not those which the fields declare.
        case payloads
    }

    /// What was wrong.
    package let problem: Problem
    /// The same in one sentence.
    package let description: String

    /// A problem with its sentence.
    package init(_ problem: Problem, _ sentence: String) {
        self.problem = problem
        description = sentence
    }
}
