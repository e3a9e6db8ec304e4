/// Edits lines of numbers, one point per line.
enum TextRows {
    /// Replaces one column, or appends a number to each line, and keeps every other byte.
    ///
    /// - Parameters:
    ///   - numbers: numbers for the lines that are not blank, in order; further lines are kept.
    ///   - column: index of the number to replace; nil to append one.
    static func numbered(
        _ bytes: ArraySlice<UInt8>, _ numbers: [Int], column: Int?
    ) -> [UInt8] {
        var written: [UInt8] = []
        var row = 0
        // Old Macintosh programs end lines with a carriage return alone.
        let end: UInt8 = !bytes.contains(0x0A) && bytes.contains(0x0D) ? 0x0D : 0x0A
        for line in bytes.split(separator: end, omittingEmptySubsequences: false) {
            defer { written.append(end) }
            let isBlank = line.allSatisfy(isSpace)
            guard !isBlank, row < numbers.count else {
                written += line
                continue
            }
            let number = Array("\(numbers[row])".utf8)
            row += 1
            guard let column else {
                written += appending([0x20] + number, to: line)
                continue
            }
            let words = line.split(whereSeparator: isSpace)
            written += line[..<words[column].startIndex] + number + line[words[column].endIndex...]
        }
        // `split` yields an empty piece after the last line feed, and with it one line feed too many.
        if !written.isEmpty { written.removeLast() }
        return written
    }

    /// Inserts bytes after a line's last word, before its trailing white space: files with CRLF line
    /// ends keep them.
    static func appending(_ bytes: [UInt8], to line: ArraySlice<UInt8>) -> [UInt8] {
        let end = line.lastIndex { !isSpace($0) }.map { $0 + 1 } ?? line.endIndex
        return line[..<end] + bytes + line[end...]
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0D).contains(byte)
    }
}
