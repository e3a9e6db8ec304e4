extension [String] {
    /// The names as a sentence lists them: "a, b and c".
    package func listed() -> String {
        guard let last, count > 1 else { return first ?? "none" }
        return dropLast().joined(separator: ", ") + " and " + last
    }

    /// The names as a sentence lists them: "a, b or c".
    package func listed(or: Bool) -> String {
        guard or, let last, count > 1 else { return listed() }
        return dropLast().joined(separator: ", ") + " or " + last
    }
}

/// A number without a needless fraction.
package func number(_ value: Double) -> String {
    Int(exactly: value).map(String.init) ?? String(value)
}
