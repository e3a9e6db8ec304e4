package import PointClouds

/// The map between the numbers of classes in files and labels.
package struct ClassMap: Sendable {
    /// The list of classes.
    package let list: ClassList
    /// The labels by number.
    private let labels: [Int: Int32]
    /// The labels of the smallest numbers, from 0.
    private let table: [Int32]

    /// The table's entry for unlisted numbers.
    private static let unlisted: Int32 = -2

    /// The map of a list whose numbers and names are distinct.
    package init(_ list: ClassList) {
        self.list = list
        var labels: [Int: Int32] = [:]
        for number in list.ignored { labels[number] = Cloud.ignored }
        // After the ignored numbers: a number that is listed twice belongs to its class.
        for (label, entry) in list.entries.enumerated() {
            for number in entry.numbers { labels[number] = Int32(label) }
        }
        let rest = list.ignoresRest ? Cloud.ignored : Self.unlisted
        // The limit keeps a single large number from allocating a table of its size.
        let last = min(labels.keys.max() ?? 0, 65_535)
        table = last < 0 ? [] : (0...last).map { labels[$0] ?? rest }
        self.labels = labels
    }

    /// The names of the classes; a label is a place in this list.
    package var classes: [String] { list.entries.map(\.name) }

    /// The colours of the classes: the list's, or distinct ones.
    package var palette: [Palette.Colour] {
        zip(list.entries, Palette.distinct(list.entries.count)).map { $0.colour ?? $1 }
    }

    /// The label of a number: ``PointClouds/Cloud/ignored`` for points without a class, nil for an
    /// unlisted number.
    package func label(of number: Int) -> Int32? {
        let label: Int32? =
            table.indices.contains(number) ? table[number] : labels[number]
        if let label { return label == Self.unlisted ? nil : label }
        return list.ignoresRest ? Cloud.ignored : nil
    }

    /// The number of a label in predictions.
    ///
    /// Points without a class have the first ignored number, else 0 if no class has it, else -1.
    package func number(of label: Int32) -> Int? {
        if label == Cloud.ignored {
            return list.ignored.first ?? (labels[0] == nil ? 0 : -1)
        }
        guard list.entries.indices.contains(Int(label)) else { return nil }
        return list.entries[Int(label)].numbers[0]
    }
}
