/// Setting that a section does not have, with the names it does have.
///
/// Settings are read in several ways (recipes by key, data and networks as `Codable` values), but a
/// misspelt one is refused in the same words everywhere.
package struct UnknownSetting: Error, CustomStringConvertible, Equatable {
    /// The key that was given.
    package let key: String
    /// The keys that the section has.
    package let known: [String]

    /// A key that is none of the known ones.
    package init(_ key: String, known: [String]) {
        self.key = key
        self.known = known
    }

    /// `has no setting 'grdi': did you mean 'grid'?`, to be preceded by the section's name.
    package var description: String {
        "has no setting '\(key)'" + Self.advice(key, known: known)
    }

    /// The nearest known name as a question, or else all known names, to follow the unknown one.
    ///
    /// - Parameter lead: words before the list of known names.
    package static func advice(
        _ name: String, known: [String], lead: String = "it has"
    ) -> String {
        if let nearest = nearest(to: name, among: known) { return ": did you mean '\(nearest)'?" }
        let names = known.isEmpty ? "none" : known.sorted().joined(separator: ", ")
        return "; \(lead) \(names)."
    }

    /// The known name that takes the fewest changes, at most three and fewer than it has letters.
    package static func nearest(to name: String, among known: [String]) -> String? {
        known.map { (name: $0, distance: editDistance($0, name)) }
            .filter { $0.distance <= 3 && $0.distance < $0.name.count }
            .min { $0.distance < $1.distance }?.name
    }
}

/// The number of letters to add, remove or change to turn one word into the other.
package func editDistance(_ a: String, _ b: String) -> Int {
    let b = Array(b)
    var row = Array(0...b.count)
    for (i, letter) in a.enumerated() {
        var diagonal = row[0]
        row[0] = i + 1
        for j in b.indices {
            let change = diagonal + (letter == b[j] ? 0 : 1)
            diagonal = row[j + 1]
            row[j + 1] = min(change, row[j] + 1, diagonal + 1)
        }
    }
    return row[b.count]
}

// MARK: - Codable sections

/// Throws if a decoder's mapping has a key that is not known: a misspelt setting must not pass for its
/// default.
///
/// - Throws: `DecodingError.dataCorrupted` at the key, with ``UnknownSetting`` as underlying error.
package func refuseUnknownKeys(
    in decoder: any Decoder, known: [String], section: String
) throws {
    let container = try decoder.container(keyedBy: AnyKey.self)
    let given = container.allKeys.map(\.stringValue).sorted()
    guard let key = given.first(where: { !known.contains($0) }) else { return }
    throw DecodingError.unknownSetting(
        key, known: known, section: section, at: container.codingPath)
}

extension DecodingError {
    /// The error of a key that a section at a coding path does not have.
    package static func unknownSetting(
        _ key: String, known: [String], section: String, at path: [any CodingKey]
    ) -> DecodingError {
        let unknown = UnknownSetting(key, known: known)
        return .dataCorrupted(
            Context(
                codingPath: path + [AnyKey(stringValue: key)],
                debugDescription: "\(section) \(unknown)", underlyingError: unknown))
    }
}

/// A key of any name.
private struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}
