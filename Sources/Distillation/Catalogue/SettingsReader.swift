package import Networks

/// Reads an objective's settings out of a recipe, and knows where it is: every complaint names the
/// key by its path.
package struct SettingsReader {
    /// Where the settings stand: `objectives[3].relation.dense`.
    package let path: String
    private let table: [String: SettingValue]

    /// The settings at a path.
    package init(_ table: [String: SettingValue], path: String) {
        self.table = table
        self.path = path
    }

    /// Throws if a key is none of the known.
    package func checkKeys(_ known: [String]) throws {
        guard let unknown = table.keys.sorted().first(where: { !known.contains($0) }) else {
            return
        }
        throw ObjectiveError(
            "\(path).\(unknown): there is no such setting here; those there are: "
                + known.joined(separator: ", ") + ".")
    }

    /// Whether the recipe says anything about a key.
    package func has(_ key: String) -> Bool { table[key] != nil }

    /// A number that meets a condition; `otherwise` where the recipe is silent.
    package func number(
        _ key: String, otherwise: Double, must condition: String = "be finite",
        where holds: (Double) -> Bool = { _ in true }
    ) throws -> Double {
        guard let value = table[key] else { return otherwise }
        guard case .number(let number) = value else { throw wrong(key, value, wants: "a number") }
        guard number.isFinite, holds(number) else {
            throw ObjectiveError(
                "\(path).\(key): \(short(number)) is impossible: it must \(condition).")
        }
        return number
    }

    /// A number above 0.
    package func positive(_ key: String, otherwise: Double) throws -> Double {
        try number(key, otherwise: otherwise, must: "be above 0") { $0 > 0 }
    }

    /// A number of at least 0.
    package func nonNegative(_ key: String, otherwise: Double) throws -> Double {
        try number(key, otherwise: otherwise, must: "not be negative") { $0 >= 0 }
    }

    /// A whole number of at least `least` and, if given, at most `most`.
    package func count(
        _ key: String, otherwise: Int, least: Int, most: Int? = nil
    ) throws -> Int {
        let span = most.map { "to \($0)" } ?? "up"
        return Int(
            try number(
                key, otherwise: Double(otherwise), must: "be a whole number from \(least) \(span)"
            ) {
                $0 >= Double(least) && $0 <= Double(most ?? Int(Int32.max)) && $0 == $0.rounded()
            })
    }

    /// So many whole numbers in a range; nil where the recipe is silent.
    package func counts(_ key: String, number: Int, in range: ClosedRange<Int>) throws -> [Int]? {
        guard let value = table[key] else { return nil }
        guard case .list(let entries) = value, entries.count == number else {
            throw wrong(key, value, wants: "a list of \(number) whole numbers")
        }
        return try entries.enumerated().map { index, entry in
            guard
                case .number(let number) = entry, number == number.rounded(),
                number >= Double(range.lowerBound), number <= Double(range.upperBound)
            else {
                throw wrong(
                    "\(key)[\(index)]", entry,
                    wants: "a whole number from \(range.lowerBound) to \(range.upperBound)")
            }
            return Int(number)
        }
    }

    /// True or false.
    package func flag(_ key: String, otherwise: Bool) throws -> Bool {
        guard let value = table[key] else { return otherwise }
        guard case .flag(let flag) = value else { throw wrong(key, value, wants: "true or false") }
        return flag
    }

    /// One of the given words; nil where the recipe is silent.
    package func word(_ key: String, of words: [String]) throws -> String? {
        guard let value = table[key] else { return nil }
        guard case .text(let word) = value, words.contains(word) else {
            throw wrong(key, value, wants: words.joined(separator: " or "))
        }
        return word
    }

    /// A list of numbers of at least 0, not all of them 0; nil where the recipe is silent.
    package func weights(_ key: String) throws -> [Double]? {
        guard let value = table[key] else { return nil }
        guard case .list(let entries) = value else {
            throw wrong(key, value, wants: "a list of numbers")
        }
        let numbers = try entries.enumerated().map { index, entry in
            guard case .number(let number) = entry, number.isFinite, number >= 0 else {
                throw wrong("\(key)[\(index)]", entry, wants: "a number from 0 up")
            }
            return number
        }
        guard numbers.contains(where: { $0 > 0 }) else {
            throw ObjectiveError("\(path).\(key): all weights are 0: nothing would be learnt.")
        }
        return numbers
    }

    /// Every key with a number of at least 0, by ascending key; not all of them 0.
    package func weightsByKey() throws -> [(key: String, weight: Double)] {
        let weights = try table.keys.sorted().map {
            (key: $0, weight: try nonNegative($0, otherwise: 0))
        }
        guard weights.contains(where: { $0.weight > 0 }) else {
            throw ObjectiveError("\(path): all weights are 0: nothing would be learnt.")
        }
        return weights
    }

    /// A list of taps, each of them once; nil where the recipe is silent.
    package func taps(_ key: String) throws -> [Tap]? {
        guard let value = table[key] else { return nil }
        guard case .list(let entries) = value, !entries.isEmpty else {
            throw wrong(key, value, wants: "a list of taps such as [enc1, dec0]")
        }
        return try entries.enumerated().map { index, entry in
            guard case .text(let text) = entry, let tap = Tap(text),
                !entries[..<index].contains(entry)
            else {
                throw wrong(
                    "\(key)[\(index)]", entry, wants: "a tap such as enc1 or dec0, each once")
            }
            return tap
        }
    }

    /// A table of settings; nil where the recipe is silent.
    package func table(_ key: String) throws -> SettingsReader? {
        guard let value = table[key] else { return nil }
        guard case .table(let settings) = value else {
            throw wrong(key, value, wants: "a table of settings")
        }
        return SettingsReader(settings, path: "\(path).\(key)")
    }

    private func wrong(_ key: String, _ value: SettingValue, wants: String) -> ObjectiveError {
        let found =
            if case .number(let number) = value { short(number) } else { value.kind }
        return ObjectiveError("\(path).\(key): expected \(wants), found \(found).")
    }
}
