import ZipArchives

// nuScenes' tables have up to a gigabyte, so they are not loaded as a whole.
/// A file of flat JSON objects, read row by row.
///
/// Values that are lists or objects are skipped.
struct JSONTable {
    /// The wanted values of a row.
    typealias Row = [String: Value]

    enum Value: Equatable {
        case text(String)
        case number(Double)
        case truth(Bool)

        var text: String? {
            if case .text(let text) = self { text } else { nil }
        }

        var number: Double? {
            if case .number(let number) = self { number } else { nil }
        }

        var truth: Bool? {
            if case .truth(let truth) = self { truth } else { nil }
        }
    }

    private let file: InputFile
    private var bytes: [UInt8] = []
    /// The position of `bytes` in the file.
    private var base = 0
    private var position = 0

    private static let piece = 1 << 20
    // Limits for damaged files: a text without an end must not be read into memory as a whole, and
    // nested values must not exhaust the stack.
    private static let longestText = 1 << 16
    private static let depth = 16

    /// Calls `body` with the wanted values of every row, in order.
    static func forEachRow(
        of path: String, _ keys: Set<String>, _ body: (Row) throws -> Void
    ) throws {
        var table = JSONTable(file: try InputFile(path))
        try table.read(keys, body)
    }

    private init(file: InputFile) { self.file = file }

    // MARK: - Bytes

    private var offset: Int { base + position }

    /// The next byte, which is not consumed.
    private mutating func peek() throws -> UInt8? {
        if position < bytes.count { return bytes[position] }
        base += bytes.count
        position = 0
        bytes = try file.bytes(base..<min(base + Self.piece, file.size))
        return bytes.first
    }

    private mutating func next() throws -> UInt8 {
        guard let byte = try peek() else { throw file.damaged(at: offset, "ends early") }
        position += 1
        return byte
    }

    private mutating func skipSpace() throws {
        while let byte = try peek(), byte == 0x20 || (0x09...0x0D).contains(byte) { position += 1 }
    }

    private mutating func take(_ character: Unicode.Scalar) throws {
        try skipSpace()
        let at = offset
        guard try next() == UInt8(ascii: character) else {
            throw file.damaged(at: at, "lacks a '\(character)'")
        }
    }

    private mutating func accepts(_ character: Unicode.Scalar) throws -> Bool {
        try skipSpace()
        guard try peek() == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    // MARK: - Values

    private mutating func read(_ keys: Set<String>, _ body: (Row) throws -> Void) throws {
        try take("[")
        guard try !accepts("]") else { return try finish() }
        repeat {
            try take("{")
            var row = Row()
            if try !accepts("}") {
                repeat {
                    let key = try text()
                    try take(":")
                    if let value = try value(isWanted: keys.contains(key)) { row[key] = value }
                } while try accepts(",")
                try take("}")
            }
            try body(row)
        } while try accepts(",")
        try take("]")
        try finish()
    }

    private mutating func finish() throws {
        try skipSpace()
        if try peek() != nil { throw file.damaged(at: offset, "goes on behind its end") }
    }

    /// Reads or skips the next value.
    private mutating func value(isWanted: Bool, depth: Int = 0) throws -> Value? {
        try skipSpace()
        switch try peek() {
        case UInt8(ascii: "\""): return .text(try text())
        case UInt8(ascii: "["), UInt8(ascii: "{"):
            try skip(depth: depth)
            return nil
        default:
            let word = try word()
            switch word {
            case "null": return nil
            case "true": return .truth(true)
            case "false": return .truth(false)
            default:
                guard let number = Double(word) else {
                    throw file.damaged(at: offset, "has '\(word)' for a value")
                }
                return .number(number)
            }
        }
    }

    /// Skips a list or an object.
    private mutating func skip(depth: Int) throws {
        guard depth < Self.depth else { throw file.damaged(at: offset, "is nested too deep") }
        let isObject = try next() == UInt8(ascii: "{")
        let end: Unicode.Scalar = isObject ? "}" : "]"
        guard try !accepts(end) else { return }
        repeat {
            if isObject {
                _ = try text()
                try take(":")
            }
            _ = try value(isWanted: false, depth: depth + 1)
        } while try accepts(",")
        try take(end)
    }

    /// The letters and digits up to the end of a value.
    private mutating func word() throws -> String {
        var word: [UInt8] = []
        while let byte = try peek(), byte > 0x20, !Array(",]}:".utf8).contains(byte) {
            guard word.count < 64 else { throw file.damaged(at: offset, "has no JSON value") }
            word.append(byte)
            position += 1
        }
        return String(decoding: word, as: UTF8.self)
    }

    private mutating func text() throws -> String {
        try take("\"")
        var text: [UInt8] = []
        while true {
            let byte = try next()
            guard text.count < Self.longestText else {
                throw file.damaged(at: offset, "has a text without an end")
            }
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                // Tokens and names contain no other escapes.
                let escaped = try next()
                switch escaped {
                case UInt8(ascii: "n"): text.append(0x0A)
                case UInt8(ascii: "u"):
                    var code: UInt32 = 0
                    for _ in 0..<4 {
                        let digit = Character(Unicode.Scalar(try next())).hexDigitValue ?? 0
                        code = code << 4 | UInt32(digit)
                    }
                    text += Array(String(Unicode.Scalar(code) ?? "\u{FFFD}").utf8)
                default: text.append(escaped)
                }
            default: text.append(byte)
            }
        }
    }
}
