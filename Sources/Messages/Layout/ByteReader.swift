/// A reader of the fields of one frame, which checks every length before it allocates memory.
///
/// All numbers are little-endian. A count is a UInt32, and is compared with its limit and the bytes
/// left: a forged count of four billion allocates nothing.
package struct ByteReader {
    private let bytes: [UInt8]
    private let message: String
    private var position = 0

    /// A reader at the beginning of `bytes`; `message` names them in errors.
    package init(_ bytes: [UInt8], of message: String) {
        self.bytes = bytes
        self.message = message
    }

    /// The number of bytes left.
    package var remaining: Int { bytes.count - position }

    /// The next value of a type, named in errors as `field`.
    package mutating func read<Value: WireValue>(_ field: String) throws(MessageError) -> Value {
        try need(Value.minimumBytes, for: field)
        return try Value(from: &self)
    }

    /// The next integer, little-endian.
    mutating func integer<Value: FixedWidthInteger>() throws(MessageError) -> Value {
        let width = Value.bitWidth / 8
        try need(width, for: "a number")
        var value: Value = 0
        // Byte by byte: fields are not aligned, and little-endian on every processor.
        for place in 0..<width {
            value |= Value(truncatingIfNeeded: bytes[position + place]) << (8 * place)
        }
        position += width
        return value
    }

    /// A count, then so many values.
    ///
    /// Throws ``MessageError`` if the count exceeds `limit`, or what the bytes left can contain.
    package mutating func list<Value: WireValue>(
        _ field: String, limit: Int
    ) throws(MessageError) -> [Value] {
        let count = Int(try read(field) as UInt32)
        guard count <= limit else {
            throw MessageError(
                .limit, "The \(message) declares \(count) \(field); at most \(limit) are allowed.")
        }
        // Before memory is reserved: a forged count within the limit must not allocate anything.
        try need(count * Value.minimumBytes, for: field)
        var values: [Value] = []
        values.reserveCapacity(count)
        for _ in 0..<count { values.append(try read(field)) }
        return values
    }

    /// A length of at most `limit`, then so many bytes of UTF-8 without control characters.
    ///
    /// Line feeds and tabs are allowed in `multiline` text.
    package mutating func text(
        _ field: String, limit: Int, multiline: Bool = false
    ) throws(MessageError) -> String {
        let count = Int(try read(field) as UInt32)
        guard count <= limit else {
            throw MessageError(
                .limit,
                "The \(message)'s \(field) declares \(count) bytes; at most \(limit) are allowed.")
        }
        try need(count, for: field)
        let slice = bytes[position..<position + count]
        // Repairing invalid UTF-8 would give one text several representations.
        guard let text = String(validating: slice, as: UTF8.self) else {
            throw MessageError(.value, "The \(message)'s \(field) is not valid UTF-8.")
        }
        guard Text.isClean(text, multiline: multiline) else {
            throw MessageError(.value, "The \(message)'s \(field) contains control characters.")
        }
        position += count
        return text
    }

    /// A byte that is 1 (true) or 0 (false).
    package mutating func flag(_ field: String) throws(MessageError) -> Bool {
        let byte: UInt8 = try read(field)
        // Accepting other values would give true several representations.
        guard byte <= 1 else {
            throw MessageError(.value, "The \(message)'s \(field) is \(byte), neither 0 nor 1.")
        }
        return byte == 1
    }

    /// Rejects values already read; the complaint follows "The Lease" in the error.
    func reject(_ complaint: String) throws(MessageError) {
        throw MessageError(.value, "The \(message) \(complaint).")
    }

    /// Checks that no bytes are left.
    package func finish() throws(MessageError) {
        guard remaining == 0 else {
            throw MessageError(
                .trailing, "The \(message) has \(remaining) bytes after its last field.")
        }
    }

    private func need(_ count: Int, for field: String) throws(MessageError) {
        guard count <= remaining else {
            throw MessageError(
                .truncated,
                """
                The \(message) ends in \(field): \(count) bytes are needed at byte \(position) \
                of \(bytes.count).
                """)
        }
    }
}
