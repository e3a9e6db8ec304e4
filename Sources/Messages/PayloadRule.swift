/// Which payload frames must follow a message's fields.
package enum PayloadRule: Sendable, Equatable {
    /// One frame for each size, in this order, bytes.
    case exact([Int])
    /// One frame of a size among these bytes, a multiple of `unit`.
    case one(in: ClosedRange<Int>, unit: Int)

    /// No payload.
    package static let none = PayloadRule.exact([])
    /// One frame of Float32 values, at least one, as many as a frame holds.
    package static let floats = PayloadRule.one(in: 4...Limits.payloadBytes, unit: 4)

    /// Throws ``MessageError`` if frames of these sizes are not what the rule says.
    package func check(_ sizes: [Int], of message: String) throws(MessageError) {
        switch self {
        case .exact(let expected):
            guard sizes.count == expected.count else {
                throw MessageError(
                    .payloads,
                    "The \(message) came with \(sizes.count) payloads where its fields declare \(expected.count)."
                )
            }
            for (place, (size, wanted)) in zip(sizes, expected).enumerated() where size != wanted {
                throw MessageError(
                    .payloads,
                    "Payload \(place) of the \(message) has \(size) bytes where its fields declare \(wanted)."
                )
            }
        case .one(let range, let unit):
            guard sizes.count == 1 else {
                throw MessageError(
                    .payloads, "The \(message) came with \(sizes.count) payloads where it has one.")
            }
            guard range.contains(sizes[0]), sizes[0].isMultiple(of: unit) else {
                throw MessageError(
                    .payloads,
                    """
                    The payload of the \(message) has \(sizes[0]) bytes where \(range.lowerBound) to \
                    \(range.upperBound), in units of \(unit), are possible.
                    """)
            }
        }
    }
}
