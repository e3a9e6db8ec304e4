/// A number of bytes with an optional unit: `20 GB`, `512 MB`, `1.5 TiB`, `4096`.
///
/// kB, MB, GB and TB are powers of 1000; KiB, MiB, GiB and TiB powers of 1024.
package struct ByteCount: Sendable, Hashable, Codable {
    /// The number of bytes.
    package let bytes: Int

    /// A number of bytes.
    package init(_ bytes: Int) { self.bytes = bytes }

    /// Reads a text; nil if it is not a number of bytes, or more than a disk can hold.
    package init?(_ text: String) {
        let text = text.trimmingWhitespace()
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let unit = String(text.dropFirst(digits.count)).trimmingWhitespace()
        // A larger number would end the process when it becomes an Int.
        guard let number = Double(digits), let factor = Self.units[unit],
            number * factor < 0x1p62
        else { return nil }
        bytes = Int(number * factor)
    }

    private static let units: [String: Double] = [
        "": 1, "B": 1, "kB": 1e3, "KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12, "KiB": 0x1p10,
        "MiB": 0x1p20, "GiB": 0x1p30, "TiB": 0x1p40,
    ]

    /// Reads a text or a whole number.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let count = ByteCount(text) else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "'\(text)' is no number of bytes; write 20 GB or 512 MB.")
        }
        self = count
    }

    /// Writes the number of bytes.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        // Without a unit: a rounded number of GB would be read back as another limit.
        try container.encode(String(bytes))
    }
}

extension String {
    fileprivate func trimmingWhitespace() -> String {
        var rest = Substring(self)
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }
}
