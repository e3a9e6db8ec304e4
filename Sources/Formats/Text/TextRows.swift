/// Lines of numbers, a point in each, as text formats have them.
enum TextRows {
    /// The lines with the number of one column replaced, or with one more number at their ends; every
    /// other byte stays.
    ///
    /// - Parameters:
    ///   - numbers: for the lines that are not blank, in their order; what follows stays as it is.
    ///   - column: which number of a line is replaced; nil for one more.
    static func numbered(
        _ bytes: ArraySlice<UInt8>, _ numbers: [Int], column: Int?
    ) -> [UInt8] {
        var written: [UInt8] = []
        var row = 0
        for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
            defer { written.append(0x0A) }
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
        // What stands behind the last end of line was no line.
        if !written.isEmpty { written.removeLast() }
        return written
    }

    /// A line with something behind its last word, before whatever white space ends it.
    static func appending(_ bytes: [UInt8], to line: ArraySlice<UInt8>) -> [UInt8] {
        let end = line.lastIndex { !isSpace($0) }.map { $0 + 1 } ?? line.endIndex
        return line[..<end] + bytes + line[end...]
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0D).contains(byte)
    }
}
