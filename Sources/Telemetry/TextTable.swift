/// Rows of texts and numbers in aligned columns, for a terminal or a log.
///
///     class      points     IoU
///     ─────────────────────────
///     road    1,204,331   92.41
///     car        31,200   80.07
package struct TextTable: CustomStringConvertible, Sendable {
    /// A column.
    package struct Column: Sendable, ExpressibleByStringLiteral {
        /// The column's heading.
        package var title: String
        /// Whether cells are right-aligned; if nil, they are if all of them look like numbers.
        package var isRightAligned: Bool?

        /// A column.
        package init(_ title: String, isRightAligned: Bool? = nil) {
            self.title = title.visible()
            self.isRightAligned = isRightAligned
        }

        /// A column of this title.
        package init(stringLiteral title: String) { self.init(title) }
    }

    /// The columns.
    package let columns: [Column]
    private var rows: [Row] = []

    private enum Row: Sendable {
        case cells([String])
        case rule
    }

    /// A table without rows.
    package init(_ columns: [Column]) { self.columns = columns }

    /// Adds a row; missing cells are empty.
    package mutating func add(_ cells: [String]) {
        precondition(
            cells.count <= columns.count, "\(cells.count) cells in \(columns.count) columns.")
        rows.append(
            // A line feed in a name would break the table.
            .cells(
                cells.map { $0.visible() }
                    + [String](repeating: "", count: columns.count - cells.count)))
    }

    /// Adds a line across all columns, for instance above sums.
    package mutating func addRule() { rows.append(.rule) }

    /// The table's lines, each with a line feed.
    package var description: String {
        let cells = rows.compactMap { row -> [String]? in
            if case .cells(let cells) = row { cells } else { nil }
        }
        let widths = columns.indices.map { column in
            cells.reduce(columns[column].title.displayWidth) {
                max($0, $1[column].displayWidth)
            }
        }
        let rightAligned = columns.indices.map { column in
            columns[column].isRightAligned
                ?? (cells.contains { !$0[column].isEmpty }
                    && cells.allSatisfy { TextTable.looksLikeNumber($0[column]) })
        }
        func line(_ cells: [String]) -> String {
            var text = ""
            for column in columns.indices {
                if column > 0 { text += "  " }
                let space = String(
                    repeating: " ", count: widths[column] - cells[column].displayWidth)
                text += rightAligned[column] ? space + cells[column] : cells[column] + space
            }
            while text.last == " " { text.removeLast() }
            return text + "\n"
        }
        let rule =
            String(repeating: "─", count: widths.reduce(0, +) + 2 * max(0, columns.count - 1))
            + "\n"
        var text = line(columns.map(\.title)) + rule
        for row in rows {
            switch row {
            case .cells(let cells): text += line(cells)
            case .rule: text += rule
            }
        }
        return text
    }

    /// Whether a cell begins, after a sign, with a digit, or represents a missing number.
    private static func looksLikeNumber(_ cell: String) -> Bool {
        if ["", "-", "–", "—", "?", "nan", "inf", "-inf"].contains(cell) { return true }
        let digits = cell.drop { $0 == "-" || $0 == "+" || $0 == "." }
        return digits.first?.isNumber == true
    }
}
