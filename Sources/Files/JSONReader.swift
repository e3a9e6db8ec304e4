/// A JSON value that keeps order and position of an object's members, and exact integers.
package enum JSONValue: Sendable, Equatable {
    case null
    case bool(Bool)
    /// A number without fraction or exponent that fits in 64 bits.
    case integer(Int)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([JSONMember])

    /// The kind of value, for error messages.
    package var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a truth value"
        case .integer: "a whole number"
        case .number: "a number"
        case .string: "a text"
        case .array: "a list"
        case .object: "an object"
        }
    }
}

/// One member of a JSON object.
package struct JSONMember: Sendable, Equatable {
    package var key: String
    /// The byte at which the key begins.
    package var offset: Int
    package var value: JSONValue
}

/// An error in a JSON text, with its byte.
package struct JSONError: Error, Equatable {
    package var offset: Int
    /// The error message after the text's name.
    package var reason: String
}

/// A strict reader of JSON (RFC 8259): valid UTF-8, no duplicate keys, only white space after the
/// value, and at most `maximumDepth` levels and `maximumValues` values.
///
/// Foundation's decoder silently keeps one of two members with the same key. Two programs that keep
/// different members would read different files from the same bytes.
package struct JSONReader {
    private let bytes: [UInt8]
    private var position = 0
    private var depth = 0
    private var valuesLeft: Int

    package static let maximumDepth = 16
    // A value of two bytes takes 20 times as many in memory: a header of 100 MB, the longest that
    // safetensors allows, would take gigabytes. The largest models have some ten thousand values.
    package static let maximumValues = 4_000_000
    private static let digits = UInt8(ascii: "0")...UInt8(ascii: "9")

    /// Reads the value of a text.
    ///
    /// - Parameter limit: the most values in it.
    package static func value(
        of bytes: [UInt8], limit: Int = maximumValues
    ) throws(JSONError) -> JSONValue {
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw JSONError(offset: firstInvalidByte(of: bytes), reason: "is not valid UTF-8")
        }
        var reader = JSONReader(bytes: bytes, limit: limit)
        reader.skipSpace()
        let value = try reader.value()
        reader.skipSpace()
        if reader.position < bytes.count { throw reader.error("has something behind its JSON") }
        return value
    }

    private init(bytes: [UInt8], limit: Int) {
        self.bytes = bytes
        valuesLeft = limit
    }

    private static func firstInvalidByte(of bytes: [UInt8]) -> Int {
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        var offset = 0
        while case .scalarValue(let scalar) = decoder.decode(&iterator) {
            offset += UTF8.width(scalar)
        }
        return offset
    }

    private func error(_ reason: String) -> JSONError {
        JSONError(offset: position, reason: reason)
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            position += 1
        }
    }

    private mutating func take(_ byte: Unicode.Scalar, in place: String) throws(JSONError) {
        guard next == UInt8(ascii: byte) else {
            let problem = next == nil ? "ends inside" : "lacks a “\(byte)” in"
            throw error("\(problem) \(place)")
        }
        position += 1
    }

    // MARK: - Values

    private mutating func value() throws(JSONError) -> JSONValue {
        guard valuesLeft > 0 else { throw error("has more values than any file of this kind") }
        valuesLeft -= 1
        switch next {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case nil: throw error("ends where a JSON value is expected")
        case let byte?:
            guard byte == UInt8(ascii: "-") || JSONReader.digits.contains(byte) else {
                throw error("holds something that is not JSON")
            }
            return try number()
        }
    }

    private mutating func word(_ text: String, _ value: JSONValue) throws(JSONError) -> JSONValue {
        guard bytes[position...].starts(with: text.utf8) else {
            throw error("holds something that is not JSON")
        }
        position += text.utf8.count
        return value
    }

    private mutating func descend() throws(JSONError) {
        // The reader is recursive: a file of brackets must not exhaust the stack.
        depth += 1
        if depth > JSONReader.maximumDepth {
            throw error("is nested more than \(JSONReader.maximumDepth) levels deep")
        }
    }

    private mutating func object() throws(JSONError) -> JSONValue {
        try descend()
        position += 1
        var members: [JSONMember] = []
        var keys: Set<String> = []
        skipSpace()
        if next == UInt8(ascii: "}") {
            position += 1
        } else {
            while true {
                skipSpace()
                let offset = position
                guard next == UInt8(ascii: "\"") else { throw error("lacks a key in an object") }
                let key = try string()
                guard keys.insert(key).inserted else {
                    throw JSONError(offset: offset, reason: "has the key “\(key)” twice")
                }
                skipSpace()
                try take(":", in: "an object")
                skipSpace()
                members.append(JSONMember(key: key, offset: offset, value: try value()))
                skipSpace()
                if next == UInt8(ascii: ",") {
                    position += 1
                    continue
                }
                try take("}", in: "an object")
                break
            }
        }
        depth -= 1
        return .object(members)
    }

    private mutating func array() throws(JSONError) -> JSONValue {
        try descend()
        position += 1
        var values: [JSONValue] = []
        skipSpace()
        if next == UInt8(ascii: "]") {
            position += 1
        } else {
            while true {
                skipSpace()
                values.append(try value())
                skipSpace()
                if next == UInt8(ascii: ",") {
                    position += 1
                    continue
                }
                try take("]", in: "a list")
                break
            }
        }
        depth -= 1
        return .array(values)
    }

    // MARK: - Numbers

    private mutating func digits() throws(JSONError) {
        let start = position
        while let byte = next, JSONReader.digits.contains(byte) { position += 1 }
        if position == start { throw error("holds a number without digits") }
    }

    private mutating func number() throws(JSONError) -> JSONValue {
        let start = position
        var isWhole = true
        if next == UInt8(ascii: "-") { position += 1 }
        let first = next
        let firstPosition = position
        try digits()
        if first == UInt8(ascii: "0"), position > firstPosition + 1 {
            throw JSONError(offset: start, reason: "holds a number that begins with 0")
        }
        if next == UInt8(ascii: ".") {
            isWhole = false
            position += 1
            try digits()
        }
        if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
            isWhole = false
            position += 1
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position += 1 }
            try digits()
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isWhole, let integer = Int(text) { return .integer(integer) }
        guard let number = Double(text), number.isFinite else {
            throw JSONError(offset: start, reason: "holds a number that is too large")
        }
        return .number(number)
    }

    // MARK: - Texts

    private mutating func string() throws(JSONError) -> String {
        position += 1
        var text: [UInt8] = []
        while true {
            guard let byte = next else { throw error("ends inside a text") }
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                position += 1
                text.append(contentsOf: String(try escaped()).utf8)
            case 0..<0x20:
                throw error("holds a control character inside a text")
            default:
                text.append(byte)
                position += 1
            }
        }
    }

    private mutating func escaped() throws(JSONError) -> Unicode.Scalar {
        guard let byte = next else { throw error("ends inside a text") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try codePoint()
        default:
            position -= 1
            throw error("holds an unknown escape inside a text")
        }
    }

    private mutating func codePoint() throws(JSONError) -> Unicode.Scalar {
        let start = position
        let first = try fourDigits()
        if let scalar = Unicode.Scalar(first) { return scalar }
        // JSON writes characters beyond 16 bits as surrogate pairs.
        if (0xD800..<0xDC00).contains(first), bytes[position...].starts(with: "\\u".utf8) {
            position += 2
            let second = try fourDigits()
            if (0xDC00..<0xE000).contains(second),
                let scalar = Unicode.Scalar(
                    0x10000 + (UInt32(first) - 0xD800) << 10 + (UInt32(second) - 0xDC00))
            {
                return scalar
            }
        }
        throw JSONError(offset: start, reason: "holds half a character inside a text")
    }

    private mutating func fourDigits() throws(JSONError) -> UInt16 {
        var value: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw error("holds an escape without four digits inside a text")
            }
            value = value << 4 | UInt16(digit)
            position += 1
        }
        return value
    }
}

/// The JSON form of a text, with its quotation marks.
package func jsonText(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"": result += "\\\""
        case "\\": result += "\\\\"
        case "\u{8}": result += "\\b"
        case "\u{C}": result += "\\f"
        case "\n": result += "\\n"
        case "\r": result += "\\r"
        case "\t": result += "\\t"
        case "\u{0}"..<"\u{20}":
            result += "\\u" + padded(scalar.value, to: 4, radix: 16)
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result + "\""
}
