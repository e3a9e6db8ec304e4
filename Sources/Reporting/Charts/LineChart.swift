/// A line chart.
package struct LineChart: Sendable {
    /// One line.
    package struct Series: Sendable {
        /// The name in the legend.
        package var name: String
        /// The colour: an index of the page's eight colours.
        package var colour: Int
        /// The points from left to right.
        package var points: [SIMD2<Double>]
        /// Whether the line is dashed, as references are.
        package var isDashed = false

        /// A line through points.
        package init(_ name: String, colour: Int, points: [SIMD2<Double>], isDashed: Bool = false) {
            self.name = name
            self.colour = colour
            self.points = points
            self.isDashed = isDashed
        }
    }

    /// The chart's title.
    package var title: String
    /// A sentence that describes the chart.
    package var note: String
    /// The unit of the horizontal axis.
    package var unit: String
    /// The lines.
    package var series: [Series]
    /// The scale of the vertical axis.
    package var scale = Axis.Scale.linear
    /// Values that the vertical axis includes.
    package var reaching: [Double] = []

    /// A chart of lines over a horizontal axis in `unit`.
    package init(
        _ title: String, note: String = "", unit: String = "step", series: [Series],
        scale: Axis.Scale = .linear, reaching: [Double] = []
    ) {
        self.title = title
        self.note = note
        self.unit = unit
        self.series = series
        self.scale = scale
        self.reaching = reaching
    }

    private static let (width, height) = (480.0, 250.0)
    private static let (left, right, top, bottom) = (46.0, 12.0, 10.0, 34.0)
    /// The maximum number of points per line; longer lines are averaged over equal intervals.
    // The chart is 480 units wide, so that more points are not distinguishable.
    private static let maximumPoints = 400

    /// The chart; nothing if no line has a point.
    package var html: HTML {
        let shown = series.filter { !$0.points.isEmpty }
        guard !shown.isEmpty else { return .nothing }
        let all = shown.flatMap { $0.points.thinned(to: Self.maximumPoints) }
        let xs = all.map(\.x)
        let x = Axis(from: xs.min() ?? 0, to: xs.max() ?? 1)
        let y = Axis(covering: all.map(\.y), reaching: reaching, marks: 5, scale)
        func across(_ value: Double) -> Double {
            Self.left + (x.place(of: value) ?? 0) * (Self.width - Self.left - Self.right)
        }
        func up(_ value: Double) -> Double? {
            y.place(of: value).map {
                Self.top + (1 - min(max($0, 0), 1)) * (Self.height - Self.top - Self.bottom)
            }
        }
        var parts: [HTML] = []
        for mark in y.marks {
            guard let place = up(mark) else { continue }
            parts.append(
                """
                <line class="rule" x1="\(Self.left)" x2="\(Self.width - Self.right)" \
                y1="\(place)" y2="\(place)"/>\
                <text x="\(Self.left - 6)" y="\(place + 4)" text-anchor="end">\(y.label(mark))</text>
                """)
        }
        let foot = Self.height - Self.bottom
        for mark in x.marks {
            parts.append(
                """
                <text x="\(across(mark))" y="\(foot + 17)" text-anchor="middle">\
                \(x.label(mark))</text>
                """)
        }
        parts.append(
            """
            <text x="\(Self.width - Self.right)" y="\(foot + 31)" text-anchor="end">\(unit)</text>
            """)
        for line in shown { parts.append(drawn(line, across: across, up: up)) }
        return Figure(
            title: title, note: note,
            keys: shown.count == 1 && shown[0].name.isEmpty
                ? [] : shown.map { .init(name: $0.name, colour: $0.colour, isLine: true) },
            width: Self.width, height: Self.height, drawing: HTML(parts)
        ).html
    }

    private func drawn(
        _ line: Series, across: (Double) -> Double, up: (Double) -> Double?
    ) -> HTML {
        let points = line.points.thinned(to: Self.maximumPoints)
        let colour = "c\(line.colour % 8)"
        let placed = points.map { point in up(point.y).map { (across(point.x), $0) } }
        let drawn = placed.compactMap { $0 }
        // A path of one point is invisible.
        if drawn.count == 1 {
            return
                "<circle class=\"fill \(colour)\" cx=\"\(drawn[0].0)\" cy=\"\(drawn[0].1)\" r=\"3.5\"/>"
        }
        var path: HTML = ""
        var isPenUp = true
        for place in placed {
            guard let (x, y) = place else {
                isPenUp = true
                continue
            }
            path = "\(path)\(isPenUp ? "M" : "L")\(x) \(y)"
            isPenUp = false
        }
        return """
            <path class="line stroke \(colour)\(line.isDashed ? " dash" : "")" d="\(path)">\
            <title>\(line.name)</title></path>
            """
    }
}

extension [SIMD2<Double>] {
    /// At most `limit` points: the means of as many intervals of equal length, in order.
    ///
    /// The mean of an interval with a value that is not finite is not finite either: a diverging run
    /// stays visible as a gap.
    func thinned(to limit: Int) -> [SIMD2<Double>] {
        guard count > limit else { return self }
        return (0..<limit).map { interval in
            let range = interval * count / limit..<(interval + 1) * count / limit
            return self[range].reduce(.zero, +) / Double(range.count)
        }
    }
}
