/// Endings of the names of unfinished files and folders.
enum TemporaryName {
    /// The default prefix of an ending.
    static let prefix = "tmp"

    // The system's generator is allowed here: the name exists for a moment and enters no result.
    /// A new ending: the prefix and 16 random hexadecimal digits.
    static func make(_ prefix: String = prefix) -> String {
        prefix + "-" + padded(UInt64.random(in: .min ... .max), to: 16, radix: 16)
    }
}
