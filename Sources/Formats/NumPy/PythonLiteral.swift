/// A Python literal of a NumPy header.
///
/// Strings, integers, Booleans, and tuples, lists and dictionaries of them. Any other expression is an
/// error, and nothing is executed.
indirect enum PythonLiteral: Equatable {
    case text(String)
    case integer(Int)
    case truth(Bool)
    case none
    /// A tuple or a list.
    case sequence([PythonLiteral])
    case dictionary([(key: String, value: PythonLiteral)])

    static func == (a: PythonLiteral, b: PythonLiteral) -> Bool {
        switch (a, b) {
        case (.text(let a), .text(let b)): a == b
        case (.integer(let a), .integer(let b)): a == b
        case (.truth(let a), .truth(let b)): a == b
        case (.none, .none): true
        case (.sequence(let a), .sequence(let b)): a == b
        case (.dictionary(let a), .dictionary(let b)):
            a.count == b.count && zip(a, b).allSatisfy { $0.key == $1.key && $0.value == $1.value }
        default: false
        }
    }

    subscript(_ key: String) -> PythonLiteral? {
        guard case .dictionary(let members) = self else { return nil }
        return members.first { $0.key == key }?.value
    }

    /// An error with its offset in the text; `reason` continues a sentence after the file's name.
    struct Failure: Error {
        let offset: Int
        let reason: String
    }

    /// Parses a value that is followed by white space only.
    static func parse(_ bytes: [UInt8]) throws(Failure) -> PythonLiteral {
        var reader = Reader(bytes: bytes)
        let value = try reader.value()
        reader.skipSpace()
        guard reader.isAtEnd else { throw reader.failure("has text after its header's value") }
        return value
    }

    private struct Reader {
        let bytes: [UInt8]
        var position = 0
        var depth = 0

        var isAtEnd: Bool { position == bytes.count }
        private var next: UInt8? { isAtEnd ? nil : bytes[position] }

        init(bytes: [UInt8]) { self.bytes = bytes }

        func failure(_ reason: String) -> Failure { Failure(offset: position, reason: reason) }

        mutating func skipSpace() {
            while let byte = next, byte == 0x20 || (0x09...0x0D).contains(byte) { position += 1 }
        }

        private mutating func accepts(_ character: Unicode.Scalar) -> Bool {
            skipSpace()
            guard next == UInt8(ascii: character) else { return false }
            position += 1
            return true
        }

        mutating func value() throws(Failure) -> PythonLiteral {
            skipSpace()
            depth += 1
            defer { depth -= 1 }
            // The parser is recursive: without a limit a hostile header would exhaust the stack.
            guard depth <= 8 else { throw failure("has a header nested too deeply") }
            switch next {
            case UInt8(ascii: "'"), UInt8(ascii: "\""): return .text(try text())
            case UInt8(ascii: "("): return .sequence(try sequence(until: ")"))
            case UInt8(ascii: "["): return .sequence(try sequence(until: "]"))
            case UInt8(ascii: "{"): return .dictionary(try dictionary())
            case UInt8(ascii: "T"): return try word("True", .truth(true))
            case UInt8(ascii: "F"): return try word("False", .truth(false))
            case UInt8(ascii: "N"): return try word("None", .none)
            case let byte? where byte == UInt8(ascii: "-") || isDigit(byte):
                return .integer(try integer())
            default: throw failure("has a header that NumPy does not write")
            }
        }

        private func isDigit(_ byte: UInt8) -> Bool {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }

        private mutating func word(
            _ word: String, _ value: PythonLiteral
        ) throws(Failure) -> PythonLiteral {
            guard bytes[position...].starts(with: word.utf8) else {
                throw failure("has a header that NumPy does not write")
            }
            position += word.utf8.count
            return value
        }

        private mutating func text() throws(Failure) -> String {
            let quote = bytes[position]
            position += 1
            let start = position
            while let byte = next, byte != quote {
                guard byte != UInt8(ascii: "\\"), byte >= 0x20 else {
                    throw failure("has an escape in its header")
                }
                position += 1
            }
            guard next == quote,
                let text = String(validating: bytes[start..<position], as: UTF8.self)
            else { throw failure("has an unterminated string or invalid UTF-8 in its header") }
            position += 1
            return text
        }

        private mutating func integer() throws(Failure) -> Int {
            let start = position
            if next == UInt8(ascii: "-") { position += 1 }
            while let byte = next, isDigit(byte) { position += 1 }
            let text = String(decoding: bytes[start..<position], as: UTF8.self)
            // Python 2 wrote long integers with an L.
            if next == UInt8(ascii: "L") { position += 1 }
            guard let value = Int(text) else {
                throw failure("has an integer of more than 64 bits")
            }
            return value
        }

        private mutating func sequence(
            until end: Unicode.Scalar
        ) throws(Failure) -> [PythonLiteral] {
            position += 1
            var values: [PythonLiteral] = []
            while !accepts(end) {
                values.append(try value())
                guard !accepts(",") else { continue }
                guard accepts(end) else { throw failure("has an unterminated list in its header") }
                break
            }
            return values
        }

        private mutating func dictionary() throws(Failure) -> [(
            key: String, value: PythonLiteral
        )] {
            position += 1
            var members: [(key: String, value: PythonLiteral)] = []
            // A search of the list for each key would take minutes in a header of a megabyte.
            var keys: Set<String> = []
            while !accepts("}") {
                guard case .text(let key) = try value(), accepts(":") else {
                    throw failure("has a header that NumPy does not write")
                }
                guard keys.insert(key).inserted else {
                    throw failure("has the key '\(key)' twice in its header")
                }
                members.append((key, try value()))
                guard !accepts(",") else { continue }
                guard accepts("}") else {
                    throw failure("has an unterminated dictionary in its header")
                }
                break
            }
            return members
        }
    }
}
