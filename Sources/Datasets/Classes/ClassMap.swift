package import PointClouds

/// From the numbers that files write for classes to labels, and back.
package struct ClassMap: Sendable {
    /// What it was made of.
    package let list: ClassList
    /// By number.
    private let labels: [Int: Int32]
    /// The labels of the numbers from 0 that are near enough for a table.
    private let table: [Int32]

    /// A place for numbers that are not listed.
    private static let unlisted: Int32 = -2

    /// The map of a list whose numbers and names are distinct.
    package init(_ list: ClassList) {
        self.list = list
        var labels: [Int: Int32] = [:]
        for number in list.ignored { labels[number] = Cloud.ignored }
        for (label, entry) in list.entries.enumerated() {
            for number in entry.numbers { labels[number] = Int32(label) }
        }
        let rest = list.ignoresRest ? Cloud.ignored : Self.unlisted
        let last = min(labels.keys.max() ?? 0, 65_535)
        table = last < 0 ? [] : (0...last).map { labels[$0] ?? rest }
        self.labels = labels
    }

    /// Names of the classes; a label is a place in this list.
    package var classes: [String] { list.entries.map(\.name) }

    /// A colour for each class: the list's, or one that is told apart easily.
    package var palette: [Palette.Colour] {
        zip(list.entries, Palette.distinct(list.entries.count)).map { $0.colour ?? $1 }
    }

    /// The label of a number, ``PointClouds/Cloud/ignored`` for points without a class, nil for a
    /// number that is not listed.
    package func label(of number: Int) -> Int32? {
        let label: Int32? =
            table.indices.contains(number) ? table[number] : labels[number]
        if let label { return label == Self.unlisted ? nil : label }
        return list.ignoresRest ? Cloud.ignored : nil
    }

    /// The number that stands for a label in written predictions; for points without a class the
    /// first that is ignored, else 0 if no class has it, else -1.
    package func number(of label: Int32) -> Int? {
        if label == Cloud.ignored {
            return list.ignored.first ?? (labels[0] == nil ? 0 : -1)
        }
        guard list.entries.indices.contains(Int(label)) else { return nil }
        return list.entries[Int(label)].numbers[0]
    }
}
