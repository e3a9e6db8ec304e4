/// Endings of the names of unfinished files and folders.
package enum TemporaryName {
    /// The default prefix of an ending.
    static let prefix = "tmp"
    private static let digits = 16

    // The system's generator is allowed here: the name exists for a moment and enters no result.
    /// A new ending: the prefix and 16 random hexadecimal digits.
    package static func make(_ prefix: String = prefix) -> String {
        prefix + "-" + padded(UInt64.random(in: .min ... .max), to: digits, radix: 16)
    }

    /// Whether a text is an ending that ``make(_:)`` makes.
    ///
    // Only such names are removed as remains: a folder that a user chose may contain other files.
    package static func isEnding(_ text: some StringProtocol, _ prefix: String = prefix) -> Bool {
        text.utf8.count == prefix.utf8.count + 1 + digits && text.hasPrefix(prefix + "-")
            && text.utf8.suffix(digits).allSatisfy(isHexadecimal)
    }

    /// Whether a byte is a hexadecimal digit, in lower case.
    package static func isHexadecimal(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}
