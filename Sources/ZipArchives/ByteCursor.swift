/// Reads the fields of a header in order; every read is checked against the remaining bytes.
package struct ByteCursor {
    private let file: InputFile
    private let bytes: [UInt8]
    /// Offset of `bytes` in the file.
    private let base: Int
    private var position = 0

    /// Creates a cursor at the beginning of `bytes`, which were read from the file at `base`.
    package init(_ bytes: [UInt8], of file: InputFile, at base: Int = 0) {
        self.bytes = bytes
        self.file = file
        self.base = base
    }

    /// Offset of the next byte in the file.
    package var offset: Int { base + position }
    /// Number of unread bytes.
    package var remaining: Int { bytes.count - position }

    /// Reads a little-endian integer; `what` names the field in the error.
    package mutating func integer<Value: FixedWidthInteger>(_ what: String) throws -> Value {
        let size = Value.bitWidth / 8
        try need(size, for: what)
        var value: UInt64 = 0
        for place in 0..<size { value |= UInt64(bytes[position + place]) << UInt64(8 * place) }
        position += size
        return Value(truncatingIfNeeded: value)
    }

    /// Reads a little-endian Float64.
    package mutating func double(_ what: String) throws -> Double {
        Double(bitPattern: try integer(what))
    }

    /// Reads `count` bytes.
    package mutating func bytes(_ count: Int, _ what: String) throws -> [UInt8] {
        try need(count, for: what)
        defer { position += count }
        return Array(bytes[position..<position + count])
    }

    /// Reads a text field of `count` bytes up to its first zero byte; invalid UTF-8 is replaced.
    package mutating func text(_ count: Int, _ what: String) throws -> String {
        String(decoding: try bytes(count, what).prefix { $0 != 0 }, as: UTF8.self)
    }

    /// Moves forward to an offset in the file.
    package mutating func skip(to offset: Int, _ what: String) throws {
        try need(offset - self.offset, for: what)
        position = offset - base
    }

    private func need(_ count: Int, for what: String) throws {
        // `skip` computes its count from the file, so it can be negative.
        guard count >= 0, count <= remaining else {
            throw file.damaged(
                at: offset,
                "ends in \(what): \(count) bytes are needed and \(remaining) are left")
        }
    }
}
