package import ZipArchives

/// Reads lines of numbers from the bytes of a text.
///
/// Numbers below 2^53 with at most 22 decimals are converted exactly by one division (Clinger, "How
/// to read floating point numbers accurately", PLDI 1990); the standard library converts the others.
package struct NumberScanner {
    private let bytes: [UInt8]
    private let file: InputFile
    /// Offset of `bytes` in the file.
    private let base: Int
    private var position = 0
    /// Number of the next line.
    package private(set) var line: Int

    /// Creates a scanner over bytes at `base` in the file that begin in line `line`.
    package init(_ bytes: [UInt8], of file: InputFile, at base: Int = 0, line: Int = 1) {
        self.bytes = bytes
        self.file = file
        self.base = base
        self.line = line
    }

    /// Offset of the next line in the file.
    package var offset: Int { base + position }
    /// Number of unread bytes.
    package var remaining: Int { bytes.count - position }

    /// Makes the error for a damaged line; `reason` continues the sentence after the file's name.
    package func damaged(at offset: Int, _ reason: String) -> SourceError {
        file.damaged(at: offset, reason, advice: "correct the line or export the file again")
    }

    /// Reads the next line that is not blank into `numbers`; returns false at the end of the text.
    package mutating func nextLine(into numbers: inout [Double]) throws -> Bool {
        numbers.removeAll(keepingCapacity: true)
        while position < bytes.count {
            let byte = bytes[position]
            let isReturn =
                byte == UInt8(ascii: "\r") && TextSyntax.endsLine(bytes[...], at: position)
            if byte == UInt8(ascii: "\n") || isReturn {
                position += 1
                line += 1
                if !numbers.isEmpty { return true }
            } else if TextSyntax.isSpace(byte) {
                position += 1
            } else {
                numbers.append(try number())
            }
        }
        if !numbers.isEmpty { line += 1 }
        return !numbers.isEmpty
    }

    private static let powers: [Double] = (0...22).map { exponent in
        (0..<exponent).reduce(1.0) { power, _ in power * 10 }
    }

    private mutating func number() throws -> Double {
        let start = position
        var isNegative = false
        if bytes[position] == UInt8(ascii: "-") || bytes[position] == UInt8(ascii: "+") {
            isNegative = bytes[position] == UInt8(ascii: "-")
            position += 1
        }
        var digits: UInt64 = 0
        var count = 0
        var exponent = 0
        var hasPoint = false
        scan: while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                // Leading zeros are not significant: "0.001" has one digit of the 19 that fit.
                let digit = UInt64(bytes[position] - UInt8(ascii: "0"))
                if count < 19 { digits = digits * 10 + digit }
                if count > 0 || digit > 0 { count += 1 }
                if hasPoint { exponent -= 1 }
            case UInt8(ascii: ".") where !hasPoint: hasPoint = true
            default: break scan
            }
            position += 1
        }
        // Below 2^53 the digits are exact in Float64, and powers of ten are up to 10^22; their
        // quotient is therefore correctly rounded.
        let isPlain = position == bytes.count || TextSyntax.isSpace(bytes[position])
        if isPlain, count <= 19, digits < 1 << 53, exponent >= -22, position > start {
            let isNumber = bytes[start..<position].contains { (48...57).contains($0) }
            if isNumber {
                let value = Double(digits) / Self.powers[-exponent]
                return isNegative ? -value : value
            }
        }
        while position < bytes.count, !TextSyntax.isSpace(bytes[position]) { position += 1 }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        guard text.utf8.count <= 400, let value = Double(text) ?? Self.unusual(text) else {
            throw damaged(
                at: base + start,
                "has '\(text.prefix(40))' in line \(line), where a number is expected")
        }
        return value
    }

    /// Not a number and infinity as Microsoft's runtime writes them: `-nan(ind)`, `1.#QNAN`, `1.#INF`.
    private static func unusual(_ text: String) -> Double? {
        let text = text.lowercased()
        let sign = text.hasPrefix("-") ? -1.0 : 1
        let rest = text.drop { $0 == "-" || $0 == "+" }
        if rest.hasPrefix("1.#inf") { return sign * .infinity }
        let isNone = ["nan(", "1.#ind", "1.#qnan", "1.#snan"].contains { rest.hasPrefix($0) }
        return isNone ? .nan : nil
    }
}

/// A column of a text: its name and the type that its numbers are stored as.
struct TextColumn: Sendable {
    let name: String
    let type: ScalarType
}

extension NumberScanner {
    /// Reads lines into records of the columns' numbers, and returns the errors of columns with
    /// numbers that are not of their type, by name.
    ///
    /// - Parameters:
    ///   - count: number of lines; checked against the unread bytes before memory is allocated.
    ///   - what: noun for the lines in messages.
    mutating func records(
        _ count: Int, of columns: [TextColumn], what: String
    ) throws -> (bytes: [UInt8], flaws: [String: SourceError]) {
        // A number takes at least two bytes, a digit and a space or the end of the line.
        guard count <= (remaining + 1) / (2 * columns.count) else {
            throw damaged(at: offset, "declares \(count) \(what) in \(remaining) bytes")
        }
        var records: [UInt8] = []
        records.reserveCapacity(count * columns.reduce(0) { $0 + $1.type.size })
        var numbers: [Double] = []
        var flaws: [String: SourceError] = [:]
        for index in 0..<count {
            let (offset, line) = (offset, line)
            guard try nextLine(into: &numbers) else {
                throw damaged(at: offset, "declares \(count) \(what) and ends after \(index)")
            }
            guard numbers.count == columns.count else {
                throw damaged(
                    at: offset,
                    "has \(numbers.count) numbers in line \(line), where \(columns.count) are "
                        + "expected")
            }
            for (number, column) in zip(numbers, columns) {
                let bits = column.type.bits(of: number)
                if bits == nil, flaws[column.name] == nil {
                    flaws[column.name] = damaged(
                        at: offset,
                        "has \(Formats.number(number)) as the '\(column.name)' in line \(line), "
                            + "which is not of type \(column.type)")
                }
                for byte in 0..<column.type.size {
                    records.append(UInt8(truncatingIfNeeded: (bits ?? 0) >> UInt64(8 * byte)))
                }
            }
        }
        return (records, flaws)
    }
}
