extension Character {
    /// The columns of the character on a terminal: 2 for wide East Asian characters and emoji, 0
    /// for control characters, 1 for others.
    var displayWidth: Int {
        guard let scalar = unicodeScalars.first else { return 0 }
        switch scalar.properties.generalCategory {
        case .control, .format, .nonspacingMark, .enclosingMark: return 0
        default: break
        }
        switch scalar.value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF,
            0xA000...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
            0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
            return 2
        default: return 1
        }
    }
}

extension StringProtocol {
    /// The columns of the text on a terminal.
    var displayWidth: Int { reduce(0) { $0 + $1.displayWidth } }

    /// The beginning of the text that fits into a number of columns, with `…` for the rest.
    func fitted(to columns: Int) -> String {
        guard displayWidth > columns else { return String(self) }
        guard columns > 0 else { return "" }
        var text = ""
        var width = 1
        for character in self {
            width += character.displayWidth
            if width > columns { break }
            text.append(character)
        }
        return text + "…"
    }
}
