extension [String] {
    /// Joins the names as in a sentence: "a, b and c".
    package func listed() -> String {
        guard let last, count > 1 else { return first ?? "none" }
        return dropLast().joined(separator: ", ") + " and " + last
    }

    /// Joins the names as in a sentence: "a, b or c".
    package func listed(or: Bool) -> String {
        guard or, let last, count > 1 else { return listed() }
        return dropLast().joined(separator: ", ") + " or " + last
    }
}

/// Formats a number for a message; integers have no fraction.
package func number(_ value: Double) -> String {
    Int(exactly: value).map(String.init) ?? String(value)
}
