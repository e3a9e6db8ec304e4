/// A writer of the fields of one frame, the counterpart of ``ByteReader``.
package struct ByteWriter {
    /// The bytes written so far.
    package private(set) var bytes: [UInt8] = []
    private let message: String

    /// An empty frame; `message` names it in errors.
    package init(of message: String) { self.message = message }

    /// Writes a value.
    package mutating func write<Value: WireValue>(_ value: Value) throws(MessageError) {
        try value.write(to: &self)
    }

    mutating func integer<Value: FixedWidthInteger>(_ value: Value) {
        for place in 0..<Value.bitWidth / 8 {
            bytes.append(UInt8(truncatingIfNeeded: value >> (8 * place)))
        }
    }

    mutating func raw(_ values: [UInt8]) { bytes.append(contentsOf: values) }

    /// Writes the count of the values, then the values.
    ///
    /// Throws ``MessageError`` for more than `limit` values, which the peer would reject.
    package mutating func list<Value: WireValue>(
        _ values: [Value], _ field: String, limit: Int
    ) throws(MessageError) {
        guard values.count <= limit else {
            throw MessageError(
                .limit,
                "The \(message) cannot carry \(values.count) \(field); at most \(limit) are allowed."
            )
        }
        integer(UInt32(values.count))
        for value in values { try value.write(to: &self) }
    }

    /// Writes the length of a text in UTF-8, then its bytes.
    package mutating func text(
        _ text: String, _ field: String, limit: Int, multiline: Bool = false
    ) throws(MessageError) {
        let count = text.utf8.count
        guard count <= limit else {
            throw MessageError(
                .limit,
                "The \(message) cannot carry a \(field) of \(count) bytes; at most \(limit) are allowed."
            )
        }
        guard Text.isClean(text, multiline: multiline) else {
            throw MessageError(
                .value, "The \(message) cannot carry a \(field) with control characters.")
        }
        integer(UInt32(count))
        bytes.append(contentsOf: text.utf8)
    }

    /// Writes 1 for true and 0 for false.
    package mutating func flag(_ value: Bool) { bytes.append(value ? 1 : 0) }
}
