/// The permitted contents of texts in messages.
// Texts end up in logs and on terminals, where control characters could hide or forge output.
enum Text {
    /// Whether a text is free of control characters (C0, DEL and C1); line feed and tab are
    /// allowed in `multiline` text.
    static func isClean(_ text: String, multiline: Bool) -> Bool {
        text.unicodeScalars.allSatisfy { !isControl($0) || multiline && ($0 == "\n" || $0 == "\t") }
    }

    /// Converts any text into a valid sentence.
    ///
    /// Control characters become spaces; text beyond the limit is cut off between characters.
    static func sentence(_ text: String) -> String {
        // A reason that is invalid must not prevent the message that carries it.
        var result = ""
        var count = 0
        for scalar in text.unicodeScalars {
            let kept: Unicode.Scalar = isControl(scalar) ? " " : scalar
            count += UTF8.width(kept)
            if count > Limits.sentenceBytes { break }
            result.unicodeScalars.append(kept)
        }
        return result
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
    }
}
