extension String {
    /// The text with a replacement character for every control character.
    ///
    /// Names in damaged files contain any bytes; in a message they could end its line or steer a
    /// terminal.
    package var printable: String {
        let isPrintable = unicodeScalars.allSatisfy { !$0.isControl }
        guard !isPrintable else { return self }
        return String(
            String.UnicodeScalarView(unicodeScalars.map { $0.isControl ? "\u{FFFD}" : $0 }))
    }
}

extension Unicode.Scalar {
    fileprivate var isControl: Bool {
        value < 0x20 || (0x7F..<0xA0).contains(value) || [0x2028, 0x2029].contains(value)
    }
}
