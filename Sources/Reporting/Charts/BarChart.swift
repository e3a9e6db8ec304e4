import Telemetry

/// A horizontal bar chart with a group of bars for each row.
struct BarChart {
    /// One bar of every group.
    struct Series {
        var name: String
        var colour: Int
        /// A value for each row; nil for none.
        var values: [Double?]
    }

    var title: String
    var note: String
    /// The names of the groups.
    var rows: [String]
    var series: [Series]
    /// The end of the axis; nil to fit the values.
    var limit: Double?
    /// Formats the values behind the bars.
    var format: (Double) -> String = { Readable.number($0, digits: 3) }

    private static let width = 480.0
    private static let right = 46.0
    private var left: Double { rows.labelWidth }
    private static let (bar, gap) = (9.0, 8.0)

    var html: HTML {
        let most =
            limit
            ?? Axis(
                covering: series.flatMap { $0.values.compactMap { $0 } }, reaching: [0]
            ).high
        let group = Self.bar * Double(series.count) + Self.gap
        let height = group * Double(rows.count) + 4
        // A single series prints its values behind the bars and needs no labelled axis.
        let foot = series.count > 1 ? 16.0 : 0
        let axis = Axis(from: 0, to: most)
        let room = Self.width - left - Self.right
        var parts: [HTML] = axis.marks.map { mark in
            let x = left + (axis.place(of: mark) ?? 0) * room
            let line: HTML =
                "<line class=\"rule\" x1=\"\(x)\" x2=\"\(x)\" y1=\"0\" y2=\"\(height)\"/>"
            guard foot > 0 else { return line }
            return """
                \(line)<text x="\(x)" y="\(height + 13)" text-anchor="middle">\(axis.label(mark))</text>
                """
        }
        for (place, row) in rows.enumerated() {
            let top = Double(place) * group + Self.gap / 2
            let middle = top + Self.bar * Double(series.count) / 2
            parts.append(
                """
                <text class="strong" x="\(left - 8)" y="\(middle + 4)" text-anchor="end">\
                \(row.shortened)</text>
                """)
            for (index, one) in series.enumerated() {
                guard let value = one.values[place] else { continue }
                let y = top + Double(index) * Self.bar
                // A bar of width 0 would have no area for its tooltip.
                let width = max(0, min(axis.place(of: value) ?? 0, 1)) * room
                parts.append(
                    """
                    <rect class="fill c\(one.colour % 8)" x="\(left)" y="\(y)" \
                    width="\(max(width, 0.6))" height="\(Self.bar - 1.5)" rx="1.5">\
                    <title>\(row), \(one.name): \(format(value))</title></rect>
                    """)
            }
            if series.count == 1, let value = series[0].values[place] {
                let x = left + max(0, min(axis.place(of: value) ?? 0, 1)) * room + 6
                parts.append("<text x=\"\(x)\" y=\"\(middle + 4)\">\(format(value))</text>")
            }
        }
        return Figure(
            title: title, note: note,
            keys: series.map { .init(name: $0.name, colour: $0.colour) },
            width: Self.width, height: height + foot, drawing: HTML(parts)
        ).html
    }
}

extension String {
    /// The string, shortened to fit beside a row of a figure.
    var shortened: String { count <= 18 ? self : prefix(17) + "…" }
}

extension [String] {
    /// The width of the longest string beside the rows of a figure, after shortening.
    var labelWidth: Double { 7.3 * Double(map(\.shortened.count).max() ?? 0) + 12 }
}
