import Spelling
import Yams

/// Mapping of a settings file whose keys are read one by one.
///
/// A key that is read is known. ``finish()`` refuses the others, with the nearest known key. Keys are
/// kebab-case; `blockRate` and `block_rate` are accepted for `block-rate` and noted.
package final class SettingsMapping {
    /// The place of the mapping.
    package let here: SettingsNode
    private let pairs: [(key: Node, value: Node)]
    private var known: [String] = []

    /// The mapping at a place; throws if there is none, or if a key occurs twice.
    package init(_ here: SettingsNode) throws {
        guard let mapping = here.node.mapping else {
            throw here.error("\(here.name) must be a mapping of settings.")
        }
        self.here = here
        pairs = mapping.map { ($0.key, $0.value) }
        var seen: Set<String> = []
        for (key, _) in pairs where !seen.insert(key.string ?? "").inserted {
            throw SettingsError(
                file: here.file, line: key.mark?.line, "'\(key.string ?? "")' occurs twice.")
        }
    }

    /// The mapping that a YAML text is, under a path.
    package convenience init(yaml: String, path: String) throws {
        let root = try SettingsNode(yaml: yaml, file: "the settings")
        try self.init(
            SettingsNode(root.node, path: path, file: root.file, notes: root.notes))
    }

    /// A mapping without settings, so that every value is its default.
    package init(empty name: String) {
        here = SettingsNode(.mapping(Node.Mapping([])), path: name, file: name)
        pairs = []
    }

    /// The keys that are present, in the order of the file.
    package var keys: [String] { pairs.compactMap(\.key.string) }

    /// The name of the mapping in messages.
    package var name: String { here.name }

    /// An error at the mapping; the reason is a sentence.
    package func error(_ reason: String) -> SettingsError { here.error(reason) }

    // MARK: - Values

    /// The value of a key, if it is present and not null.
    package subscript(_ key: String) -> SettingsNode? {
        known.append(key)
        guard let pair = pairs.first(where: { $0.key.string == key }) ?? oldSpelling(of: key) else {
            return nil
        }
        let value = pair.value
        return value.null == nil || value.scalar?.style != .plain ? here.child(value, key) : nil
    }

    /// Whether a key is present and not null.
    package func has(_ key: String) -> Bool { self[key] != nil }

    /// The value of a key that must be present.
    package func required(_ key: String) throws -> SettingsNode {
        guard let value = self[key] else { throw here.error("\(here.name) needs '\(key)'.") }
        return value
    }

    /// A whole number, or the default.
    package func integer(
        _ key: String, default value: Int, in range: ClosedRange<Int>
    ) throws -> Int {
        try self[key]?.integer(in: range) ?? value
    }

    /// A number, or the default.
    package func number(
        _ key: String, default value: Double, in range: ClosedRange<Double>
    ) throws -> Double {
        try self[key]?.number(in: range) ?? value
    }

    /// A number above 0, or the default.
    package func positive(_ key: String, default value: Double) throws -> Double {
        try self[key]?.number("give a number above 0") { $0 > 0 } ?? value
    }

    /// A number of at least 0, or the default.
    package func nonNegative(_ key: String, default value: Double) throws -> Double {
        try self[key]?.number("give a number from 0 up") { $0 >= 0 } ?? value
    }

    /// True or false, or the default.
    package func flag(_ key: String, default value: Bool) throws -> Bool {
        try self[key]?.bool() ?? value
    }

    /// One of the given words; nil where the key is absent.
    package func word(_ key: String, of words: [String]) throws -> String? {
        try self[key]?.word(of: words)
    }

    // MARK: - Unknown keys

    /// Refuses keys that were not read.
    package func finish() throws { try refuseKeys(besides: known) }

    /// Refuses keys that are none of the given ones, before they are read.
    package func refuseKeys(besides known: [String]) throws {
        for (key, _) in pairs {
            let name = key.string ?? "?"
            guard !known.contains(name), !known.contains(kebabCase(name)) else { continue }
            throw SettingsError(
                file: here.file, line: key.mark?.line,
                "\(here.name) \(UnknownSetting(name, known: known))")
        }
    }

    /// The pair whose key is another spelling of the given one, which is noted.
    private func oldSpelling(of key: String) -> (key: Node, value: Node)? {
        let pair = pairs.first { pair in
            pair.key.string.map { $0 != key && kebabCase($0) == key } ?? false
        }
        guard let pair else { return nil }
        let path = here.path.isEmpty ? "" : here.path + "."
        here.notes.add(
            SettingsError(
                file: here.file, line: pair.key.mark?.line,
                "\(path)\(pair.key.string ?? "") is an old spelling: write \(path)\(key)."
            ).description)
        return pair
    }
}

/// A key in kebab-case: `blockRate` and `block_rate` become `block-rate`.
func kebabCase(_ key: String) -> String {
    var kebab = ""
    for letter in key {
        if letter == "_" {
            kebab.append("-")
        } else if letter.isUppercase, !kebab.isEmpty {
            kebab.append("-" + letter.lowercased())
        } else {
            kebab.append(letter)
        }
    }
    return kebab
}
