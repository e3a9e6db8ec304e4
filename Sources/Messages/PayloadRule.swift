/// The payload frames that must follow a message's fields.
package enum PayloadRule: Sendable, Equatable {
    /// One frame for each size in bytes, in this order.
    case exact([Int])
    /// One frame, whose size in bytes lies in the range and is a multiple of `unit`.
    case one(in: ClosedRange<Int>, unit: Int)

    /// No payload.
    package static let none = PayloadRule.exact([])
    /// One frame of Float32 values: from one up to as many as a frame holds.
    package static let floats = PayloadRule.one(in: 4...Limits.payloadBytes, unit: 4)

    /// The smallest sizes that obey the rule.
    package var smallestSizes: [Int] {
        switch self {
        case .exact(let sizes): sizes
        case .one(let range, let unit): [(range.lowerBound + unit - 1) / unit * unit]
        }
    }

    /// Throws ``MessageError`` unless frames of these sizes obey the rule.
    package func check(_ sizes: [Int], of message: String) throws(MessageError) {
        switch self {
        case .exact(let expected):
            // The loop below would not see frames beyond the shorter of the two lists.
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
