import Formats
package import PointClouds
import ZipArchives

/// The classes of a data set with their numbers in files: the `classes` key of a recipe's data.
///
/// ```yaml
/// classes:
///   - ground: 2                  # a class and its number
///   - vegetation: [3, 4, 5]      # several numbers, folded into one class
///   - building: {from: 6, colour: [180, 60, 40]}
///   - ignored: [0, 1, 7]         # no class; `ignored: rest` for every other number
/// ```
/// ```yaml
/// classes: [road, car, person]   # numbered as they stand: 0, 1, 2
/// ```
///
/// An unlisted number in a file is an error, unless the rest is ignored.
package struct ClassList: Sendable, Equatable {
    /// A class of the list.
    package struct Entry: Sendable, Equatable {
        /// The class's name.
        package var name: String
        /// The numbers of the class in files; the first is written in predictions.
        package var numbers: [Int]
        /// The class's colour in pictures; nil for one of the distinct colours.
        package var colour: Palette.Colour?

        /// A class.
        package init(_ name: String, from numbers: [Int], colour: Palette.Colour? = nil) {
            self.name = name
            self.numbers = numbers
            self.colour = colour
        }
    }

    /// The classes in the order of their labels.
    package var entries: [Entry]
    /// The numbers of points without a class; the first is written in predictions.
    package var ignored: [Int]
    /// Whether every unlisted number means no class.
    package var ignoresRest: Bool

    /// A list of classes.
    package init(_ entries: [Entry], ignored: [Int] = [], ignoresRest: Bool = false) {
        self.entries = entries
        self.ignored = ignored
        self.ignoresRest = ignoresRest
    }
}

/// The classes in a recipe: a list, or the name of a built-in list or of a file.
package enum ClassSetting: Sendable, Equatable {
    /// The name of a list in ``ClassLists``, or of a YAML file beside the recipe.
    case named(String)
    /// A list.
    case listed(ClassList)
}

// MARK: - As recipes write it

extension ClassSetting: Codable {
    /// Reads a name or a list.
    package init(from decoder: any Decoder) throws {
        if let name = try? decoder.singleValueContainer().decode(String.self) {
            self = .named(name)
        } else {
            self = .listed(try ClassList(from: decoder))
        }
    }

    /// Writes what ``init(from:)`` reads.
    package func encode(to encoder: any Encoder) throws {
        switch self {
        case .named(let name):
            var value = encoder.singleValueContainer()
            try value.encode(name)
        case .listed(let list): try list.encode(to: encoder)
        }
    }
}

extension ClassList: Codable {
    private static let ignoredKey = "ignored"
    private static let rest = "rest"

    private struct Name: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    private struct Details: Codable {
        var from: Numbers
        var colour: [UInt8]?
    }

    /// One or more numbers.
    private struct Numbers: Codable {
        var values: [Int]

        init(_ values: [Int]) { self.values = values }

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            // Most classes stand for one number, which users write without brackets.
            values = try (try? value.decode(Int.self)).map { [$0] } ?? value.decode([Int].self)
        }

        func encode(to encoder: any Encoder) throws {
            var value = encoder.singleValueContainer()
            try value.encode(values)
        }
    }

    /// The subject of errors: the recipe's key, or words for a file that holds a list alone.
    @TaskLocal package static var subject = "data.classes"

    /// Reads the list of a recipe.
    ///
    /// - Throws: `SourceError` that names the invalid entry.
    package init(from decoder: any Decoder) throws {
        self.init([])
        var list = try decoder.unkeyedContainer()
        while !list.isAtEnd {
            if let name = try? list.decode(String.self) {
                entries.append(Entry(name, from: [entries.count]))
                try checkPlace(of: name)
                continue
            }
            let entry = try list.nestedContainer(keyedBy: Name.self)
            // A mapping of several keys has no order, and the order of classes is their numbering.
            guard let key = entry.allKeys.first, entry.allKeys.count == 1 else {
                throw SourceError(
                    "Entry \(list.currentIndex) of \(Self.subject) is not of the form 'name: number'."
                )
            }
            if key.stringValue == Self.ignoredKey {
                if let word = try? entry.decode(String.self, forKey: key) {
                    guard word == Self.rest else {
                        throw SourceError(
                            "\(Self.subject) ignores '\(word)': give numbers, or 'rest' for all that "
                                + "are not listed.")
                    }
                    ignoresRest = true
                } else {
                    ignored += try entry.decode(Numbers.self, forKey: key).values
                }
            } else if let numbers = try? entry.decode(Numbers.self, forKey: key) {
                entries.append(Entry(key.stringValue, from: numbers.values))
            } else if let word = try? entry.decode(String.self, forKey: key) {
                throw SourceError(
                    "\(Self.subject) gives the class '\(key.stringValue)' the number '\(word)', which is "
                        + "none: write 'name: number', as '\(word): \(key.stringValue)'.")
            } else {
                let details = try entry.decode(Details.self, forKey: key)
                guard details.colour?.count ?? 3 == 3 else {
                    throw SourceError(
                        "The class '\(key.stringValue)' has a colour that is not red, green and "
                            + "blue from 0 to 255.")
                }
                entries.append(
                    Entry(
                        key.stringValue, from: details.from.values,
                        colour: details.colour.map { Palette.Colour($0[0], $0[1], $0[2]) }))
            }
        }
        try check()
    }

    /// Writes what ``init(from:)`` reads.
    package func encode(to encoder: any Encoder) throws {
        var list = encoder.unkeyedContainer()
        func add(_ key: String, _ value: some Encodable) throws {
            var entry = list.nestedContainer(keyedBy: Name.self)
            try entry.encode(value, forKey: Name(stringValue: key))
        }
        for entry in entries {
            let colour = entry.colour.map { [$0.x, $0.y, $0.z] }
            if let colour {
                try add(entry.name, Details(from: Numbers(entry.numbers), colour: colour))
            } else {
                try add(entry.name, entry.numbers)
            }
        }
        if !ignored.isEmpty { try add(Self.ignoredKey, ignored) }
        if ignoresRest { try add(Self.ignoredKey, Self.rest) }
    }

    /// Throws if the last entry, which is a name alone, could be meant otherwise.
    private func checkPlace(of name: String) throws {
        let place = entries.count - 1
        // A list of the numbers in the files would silently be numbered from 0.
        if let number = Int(name), number != place {
            throw SourceError(
                "\(Self.subject) lists '\(name)' without a number, so that the number of its points "
                    + "would be \(place), its place in the list: write '\(name): \(name)' if it is "
                    + "the number in the files.")
        }
        guard name != Self.ignoredKey else {
            throw SourceError(
                "\(Self.subject) lists '\(name)' without numbers: write '\(name): [0, 1]' with the "
                    + "numbers of points without a class, or '\(name): rest'.")
        }
    }

    private func check() throws {
        guard !entries.isEmpty else { throw SourceError("\(Self.subject) names no class.") }
        var nameOfNumber: [Int: String] = [:]
        for entry in entries + [Entry(Self.ignoredKey, from: ignored)] {
            for number in entry.numbers {
                if let other = nameOfNumber.updateValue(entry.name, forKey: number) {
                    throw SourceError(
                        "\(Self.subject) gives the number \(number) to '\(other)' and to "
                            + "'\(entry.name)': remove one.")
                }
            }
        }
        var names: Set<String> = []
        for entry in entries where !names.insert(entry.name).inserted {
            throw SourceError("\(Self.subject) names '\(entry.name)' twice: remove one.")
        }
        for entry in entries where entry.numbers.isEmpty {
            throw SourceError("\(Self.subject) gives '\(entry.name)' no number: give one or more.")
        }
    }
}
