/// Endings of names that stand for something unfinished.
enum TemporaryName {
    /// What they begin with unless told otherwise.
    static let prefix = "tmp"

    /// A fresh ending: the prefix and 16 hexadecimal digits drawn from the system's generator.
    ///
    /// It names a file for a moment and never enters a result.
    static func make(_ prefix: String = prefix) -> String {
        let digits = String(UInt64.random(in: .min ... .max), radix: 16)
        return prefix + "-" + String(repeating: "0", count: 16 - digits.count) + digits
    }
}
