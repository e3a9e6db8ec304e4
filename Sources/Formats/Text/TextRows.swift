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
        written.reserveCapacity(bytes.count + 4 * numbers.count)
        var row = 0
        var start = bytes.startIndex
        while start < bytes.endIndex {
            var end = start
            while end < bytes.endIndex, !TextSyntax.endsLine(bytes, at: end) { end += 1 }
            let line = bytes[start..<end]
            if row < numbers.count, !line.allSatisfy(TextSyntax.isSpace) {
                written += numbered(line, numbers[row], column: column)
                row += 1
            } else {
                written += line
            }
            if end < bytes.endIndex { written.append(bytes[end]) }
            start = end + 1
        }
        return written
    }

    private static func numbered(
        _ line: ArraySlice<UInt8>, _ number: Int, column: Int?
    ) -> [UInt8] {
        let number = Array("\(number)".utf8)
        guard let column else { return appending([0x20] + number, to: line) }
        let words = line.split(whereSeparator: TextSyntax.isSpace)
        return line[..<words[column].startIndex] + number + line[words[column].endIndex...]
    }

    /// Inserts bytes after a line's last word, before its trailing white space: files with CRLF line
    /// ends keep them.
    static func appending(_ bytes: [UInt8], to line: ArraySlice<UInt8>) -> [UInt8] {
        let end = line.lastIndex { !TextSyntax.isSpace($0) }.map { $0 + 1 } ?? line.endIndex
        return line[..<end] + bytes + line[end...]
    }
}
