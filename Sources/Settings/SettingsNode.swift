package import Yams

/// Place in a settings file: its YAML, the path of keys that leads to it, and the file.
///
/// Reads values within bounds and refuses others with file, line, path and remedy.
package struct SettingsNode {
    /// The YAML at the place.
    package let node: Node
    /// The keys that lead to the place: `objectives[1].relation.dense`; empty at the root.
    package let path: String
    /// The file, as messages call it.
    package let file: String
    /// The whole, as messages call it: `the recipe`.
    package let subject: String
    /// Notes about everything below the root.
    package let notes: SettingsNotes

    /// A place in a file.
    package init(
        _ node: Node, path: String, file: String, subject: String = "the recipe",
        notes: SettingsNotes = SettingsNotes()
    ) {
        self.node = node
        self.path = path
        self.file = file
        self.subject = subject
        self.notes = notes
    }

    /// The root of a YAML text; an empty text is an empty mapping.
    package init(yaml: String, file: String, subject: String = "the recipe") throws {
        do {
            self.init(try compose(yaml: yaml) ?? Node([:]), path: "", file: file, subject: subject)
        } catch let error as YamlError {
            throw Self.refusal(of: yaml, file: file, error)
        }
    }

    /// The name in messages: the path, or the subject at the root.
    package var name: String { path.isEmpty ? subject : path }

    /// An error at this place; the reason is a sentence.
    package func error(_ reason: String) -> SettingsError {
        SettingsError(file: file, line: node.mark?.line, reason)
    }

    /// The place below this one under a key.
    package func child(_ node: Node, _ key: String) -> SettingsNode {
        SettingsNode(
            node, path: path.isEmpty ? key : path + "." + key, file: file, subject: subject,
            notes: notes)
    }

    // MARK: - Values

    /// The mapping at this place.
    package func mapping() throws -> SettingsMapping { try SettingsMapping(self) }

    /// The entries of the list at this place.
    package func list() throws -> [SettingsNode] {
        guard let sequence = node.sequence else { throw error("\(name) must be a list.") }
        return sequence.enumerated().map { index, entry in
            SettingsNode(
                entry, path: "\(path)[\(index)]", file: file, subject: subject, notes: notes)
        }
    }

    /// The text at this place.
    package func string() throws -> String {
        guard let scalar = node.scalar else { throw error("\(name) must be text.") }
        return scalar.string
    }

    /// One of the given words.
    package func word(of words: [String]) throws -> String {
        let word = try string()
        guard words.contains(word) else {
            throw error("\(name) is '\(word)': give \(words.joined(separator: " or ")).")
        }
        return word
    }

    /// A whole number within bounds.
    package func integer(in range: ClosedRange<Int>) throws -> Int {
        guard let value = node.int, node.scalar != nil else {
            throw error("\(name) must be a whole number.")
        }
        guard range.contains(value) else {
            throw error("\(name) is \(value): give a whole number \(words(range)).")
        }
        return value
    }

    /// A number within bounds.
    package func number(in range: ClosedRange<Double>) throws -> Double {
        try number("give a number \(words(range))", range.contains)
    }

    /// A finite number that fulfils a condition.
    ///
    /// - Parameter advice: what to write instead: `give a number above 0`.
    package func number(_ advice: String, _ isValid: (Double) -> Bool) throws -> Double {
        guard let value = node.float ?? node.int.map(Double.init), node.scalar != nil else {
            throw error("\(name) must be a number.")
        }
        guard value.isFinite, isValid(value) else {
            throw error("\(name) is \(short(value)): \(advice).")
        }
        return value
    }

    /// True or false.
    package func bool() throws -> Bool {
        guard let value = node.bool else { throw error("\(name) must be true or false.") }
        return value
    }

    // MARK: - Texts that are not YAML

    /// The reason why a text is not YAML, with its line.
    private static func refusal(of yaml: String, file: String, _ error: YamlError) -> SettingsError
    {
        switch error {
        case .scanner(let context, let problem, let mark, _),
            .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let place = context.map { " \($0.text) in line \($0.mark.line)" } ?? ""
            return SettingsError(
                file: file, line: mark.line, "this is not YAML: the reader \(problem)\(place).")
        case .duplicatedKeysInMapping(let duplicates, let context):
            let key = duplicates.min() ?? ""
            // Yams reports where the mapping begins; the second occurrence is what must be removed.
            let beginning = String(repeating: " ", count: max(0, context.mark.column - 1)) + key
            let lines = yaml.split(separator: "\n", omittingEmptySubsequences: false)
            let again = lines.indices.dropFirst(context.mark.line - 1)
                .filter { lines[$0].hasPrefix(beginning + ":") }.dropFirst().first
            return SettingsError(
                file: file, line: again.map { $0 + 1 } ?? context.mark.line,
                "'\(key)' occurs twice: remove one.")
        default:
            return SettingsError("\(file) is not YAML: \(error)".replacing("\n", with: " "))
        }
    }
}

/// The bounds of a value in words.
private func words<Bound>(_ range: ClosedRange<Bound>) -> String {
    let isOpen = "\(range.upperBound)" == "\(Int.max)"
    return isOpen
        ? "from \(range.lowerBound) up" : "from \(range.lowerBound) to \(range.upperBound)"
}

/// A number as people write it: 2 and 0.1, not 2.0.
private func short(_ number: Double) -> String {
    let text = "\(number)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}
