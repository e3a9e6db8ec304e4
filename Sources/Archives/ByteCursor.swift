/// Reads the fields of a file's header in order, each checked against the bytes that are there.
package struct ByteCursor {
    private let file: InputFile
    private let bytes: [UInt8]
    /// Where `bytes` begins in the file.
    private let base: Int
    private var position = 0

    /// A cursor at the beginning of `bytes`, which stand at `base` in the file.
    package init(_ bytes: [UInt8], of file: InputFile, at base: Int = 0) {
        self.bytes = bytes
        self.file = file
        self.base = base
    }

    /// Where in the file the next byte stands.
    package var offset: Int { base + position }
    /// How many bytes are left.
    package var remaining: Int { bytes.count - position }

    /// The next integer, little-endian.
    package mutating func integer<Value: FixedWidthInteger>(_ what: String) throws -> Value {
        let size = Value.bitWidth / 8
        try need(size, for: what)
        var value: UInt64 = 0
        for place in 0..<size { value |= UInt64(bytes[position + place]) << UInt64(8 * place) }
        position += size
        return Value(truncatingIfNeeded: value)
    }

    /// The next IEEE 754 number of 64 bits, little-endian.
    package mutating func double(_ what: String) throws -> Double {
        Double(bitPattern: try integer(what))
    }

    /// The next bytes as they are.
    package mutating func bytes(_ count: Int, _ what: String) throws -> [UInt8] {
        try need(count, for: what)
        defer { position += count }
        return Array(bytes[position..<position + count])
    }

    /// The next bytes as text, up to the first that is zero; bytes that are no UTF-8 are replaced.
    package mutating func text(_ count: Int, _ what: String) throws -> String {
        String(decoding: try bytes(count, what).prefix { $0 != 0 }, as: UTF8.self)
    }

    /// Goes to a place in the file that lies ahead.
    package mutating func skip(to offset: Int, _ what: String) throws {
        try need(offset - self.offset, for: what)
        position = offset - base
    }

    private func need(_ count: Int, for what: String) throws {
        guard count >= 0, count <= remaining else {
            throw file.damaged(
                at: offset,
                "ends in \(what): \(count) bytes are needed and \(remaining) are left")
        }
    }
}
