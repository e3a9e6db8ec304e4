/// What texts on the wire may hold: they end up in logs and on terminals.
enum Text {
    /// Whether a text is free of control characters (C0, DEL and C1); line feed and tab are
    /// allowed in `multiline` text.
    static func isClean(_ text: String, multiline: Bool) -> Bool {
        text.unicodeScalars.allSatisfy { !isControl($0) || multiline && ($0 == "\n" || $0 == "\t") }
    }

    /// A text made fit to be a sentence on the wire, since saying why must never fail.
    ///
    /// Control characters become spaces; what lies beyond the limit is cut off between characters.
    static func sentence(_ text: String) -> String {
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
