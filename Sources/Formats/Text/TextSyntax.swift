/// The separators in texts of numbers, for readers and writers alike: a writer that counted words in
/// another way than the reader would replace another number.
enum TextSyntax {
    /// Whether a byte separates numbers; a file of S3DIS has a control character between two.
    @inline(__always)
    static func isSpace(_ byte: UInt8) -> Bool { byte <= 0x20 || byte == UInt8(ascii: ",") }

    /// Whether the byte at an index ends a line: a line feed, or a carriage return by itself, as old
    /// Macintosh programs write it.
    @inline(__always)
    static func endsLine(_ bytes: ArraySlice<UInt8>, at index: Int) -> Bool {
        switch bytes[index] {
        case UInt8(ascii: "\n"): true
        case UInt8(ascii: "\r"):
            index + 1 == bytes.endIndex || bytes[index + 1] != UInt8(ascii: "\n")
        default: false
        }
    }
}
