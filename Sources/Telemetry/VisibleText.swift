extension String {
    /// The text with control characters and marks of direction as escapes, `\u001b`.
    ///
    /// Names of files, scans, classes and peers are chosen by others. Unescaped, they could redraw a
    /// terminal, set its title, or show `gpj.exe` as `exe.jpg`. The escapes are those of JSON, so that
    /// a document remains valid.
    ///
    /// - Parameter keepingLines: whether line feeds stay, for text of several lines. In a message they
    ///   would let a name forge the next message.
    package func visible(keepingLines: Bool = false) -> String {
        guard unicodeScalars.contains(where: { Self.isHidden($0, keepingLines: keepingLines) })
        else { return self }
        var text = ""
        for scalar in unicodeScalars {
            if !Self.isHidden(scalar, keepingLines: keepingLines) {
                text.unicodeScalars.append(scalar)
            } else if scalar == "\n" {
                text += "\\n"
            } else {
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }
        }
        return text
    }

    private static func isHidden(_ scalar: Unicode.Scalar, keepingLines: Bool) -> Bool {
        switch scalar.value {
        case 0x09: false
        case 0x0A: !keepingLines
        // C0, DEL and C1; then separators of lines, and marks, embeddings and isolates of direction.
        case 0..<0x20, 0x7F..<0xA0: true
        case 0x2028, 0x2029, 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}
