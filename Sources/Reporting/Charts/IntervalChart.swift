import Telemetry

/// Paired differences with their intervals: a line for each row, a dot for each pair, zero marked.
struct IntervalChart {
    var title: String
    var note: String
    var rows: [StudyReport.Difference]

    private static let width = 480.0
    private static let right = 96.0
    private var left: Double { rows.map(\.name).labelWidth }
    private static let (line, top) = (24.0, 4.0)

    var html: HTML {
        guard !rows.isEmpty else { return .nothing }
        let ends = rows.flatMap { row -> [Double] in
            let half = row.halfWidth ?? 0
            return row.differences + [row.mean - half, row.mean + half]
        }
        let axis = Axis(covering: ends, reaching: [0], marks: 7)
        let room = Self.width - left - Self.right
        func across(_ value: Double) -> Double {
            left + min(max(axis.place(of: value) ?? 0, 0), 1) * room
        }
        let foot = Self.top + Double(rows.count) * Self.line
        var parts: [HTML] = axis.marks.map { mark in
            """
            <line class="\(mark == 0 ? "zero" : "rule")" x1="\(across(mark))" x2="\(across(mark))" \
            y1="\(Self.top)" y2="\(foot)"/>\
            <text x="\(across(mark))" y="\(foot + 14)" text-anchor="middle">\(axis.label(mark))</text>
            """
        }
        for (place, row) in rows.enumerated() {
            let y = Self.top + (Double(place) + 0.5) * Self.line
            let half = row.halfWidth ?? 0
            let dots = row.differences.map { value -> HTML in
                "<circle class=\"fill c\(row.colour)\" cx=\"\(across(value))\" cy=\"\(y)\" r=\"2.5\" opacity=\"0.4\"/>"
            }
            parts.append(
                """
                <text class="strong" x="\(left - 8)" y="\(y + 4)" text-anchor="end">\
                \(row.name.shortened)</text>
                <line class="stroke c\(row.colour)" x1="\(across(row.mean - half))" \
                x2="\(across(row.mean + half))" y1="\(y)" y2="\(y)" stroke-width="2"/>
                \(dots)
                <circle class="fill c\(row.colour)" cx="\(across(row.mean))" cy="\(y)" r="4.5">\
                <title>\(row.name): \(row.words)</title></circle>
                <text class="strong" x="\(left + room + 8)" y="\(y + 4)">\(row.words)</text>
                """)
        }
        return Figure(
            title: title, note: note, width: Self.width, height: foot + 18, drawing: HTML(parts)
        ).html
    }
}

extension StudyReport.Difference {
    /// The colour index: green if the interval lies above zero, red if below, else grey.
    var colour: Int {
        guard let halfWidth, mean.magnitude > halfWidth else { return 4 }
        return mean > 0 ? 2 : 7
    }

    /// `+2.1 ± 0.8`.
    var words: String {
        (mean >= 0 ? "+" : "−") + Readable.number(mean.magnitude, places: 1)
            + (halfWidth.map { " ± " + Readable.number($0, places: 1) } ?? "")
    }
}
