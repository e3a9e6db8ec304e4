import Telemetry

/// A confusion matrix: a square for each pair of classes, whose opacity shows the share of the row's
/// points.
struct ConfusionFigure {
    var title: String
    var classes: [String]
    /// Counts, row by row: rows are true classes, columns predicted classes.
    var counts: [UInt64]

    private static let (top, size) = (6.0, 480.0)

    var html: HTML {
        let n = classes.count
        let present = (0..<n).filter { row in
            (0..<n).contains { counts[row * n + $0] > 0 || counts[$0 * n + row] > 0 }
        }
        let left = present.map { classes[$0] }.labelWidth
        let cell = (Self.size - left - 6) / Double(max(present.count, 1))
        let side = cell * Double(present.count)
        var parts: [HTML] = []
        for (y, row) in present.enumerated() {
            let points = (0..<n).reduce(UInt64(0)) { $0 + counts[row * n + $1] }
            let top = Self.top + Double(y) * cell
            parts.append(
                """
                <text class="strong" x="\(left - 6)" y="\(top + cell / 2 + 4)" \
                text-anchor="end">\(classes[row].shortened)</text>
                """)
            let foot = Self.top + side + 8
            let middle = left + (Double(y) + 0.5) * cell + 4
            parts.append(
                """
                <text x="\(middle)" y="\(foot)" text-anchor="end" \
                transform="rotate(-60 \(middle) \(foot))">\(classes[row].shortened)</text>
                """)
            for (x, column) in present.enumerated() where counts[row * n + column] > 0 {
                let share = Double(counts[row * n + column]) / Double(points)
                // Smaller shares are invisible, and leaving them out keeps the page small.
                guard share >= 0.002 else { continue }
                // The square root makes rare confusions visible, which the reader looks for.
                let opacity = 0.06 + 0.94 * share.squareRoot()
                parts.append(
                    """
                    <rect class="cell" x="\(left + Double(x) * cell)" y="\(top)" \
                    width="\(cell - 1)" height="\(cell - 1)" fill-opacity="\(opacity)">\
                    <title>\(classes[row]) labelled \(classes[column]): \
                    \(Readable.number(100 * share, places: 1)) %</title></rect>
                    """)
            }
        }
        parts.append(
            """
            <rect class="rule" fill="none" x="\(left - 1)" y="\(Self.top - 1)" \
            width="\(side + 1)" height="\(side + 1)"/>
            """)
        return Figure(
            title: title, width: Self.size, height: Self.top + side + 0.87 * left + 8,
            drawing: HTML(parts)
        ).html
    }
}
