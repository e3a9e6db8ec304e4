/// Numbers over numbers, as lines.
package struct LineChart: Sendable {
    /// One line.
    package struct Series: Sendable {
        /// What the legend calls it.
        package var name: String
        /// Its colour: a place in the page's list of eight.
        package var colour: Int
        /// Where it goes through, from left to right.
        package var points: [SIMD2<Double>]
        /// Whether it is dashed: something to compare with.
        package var isDashed = false

        /// A line through points.
        package init(_ name: String, colour: Int, points: [SIMD2<Double>], isDashed: Bool = false) {
            self.name = name
            self.colour = colour
            self.points = points
            self.isDashed = isDashed
        }
    }

    /// What stands above it.
    package var title: String
    /// What it shows, in a sentence.
    package var note: String
    /// What the lower axis counts.
    package var unit: String
    /// The lines.
    package var series: [Series]
    /// How distances stand for numbers, upwards.
    package var scale = Axis.Scale.linear
    /// Numbers that the upward axis reaches at least.
    package var reaching: [Double] = []

    /// Lines over an axis that counts `unit`.
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
    /// A line of more points is drawn through the means of as many stretches.
    private static let most = 400

    /// The figure; nothing where no line has a point.
    package var html: HTML {
        let shown = series.filter { !$0.points.isEmpty }
        guard !shown.isEmpty else { return .nothing }
        let all = shown.flatMap { $0.points.thinned(to: Self.most) }
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
        let points = line.points.thinned(to: Self.most)
        let colour = "c\(line.colour % 8)"
        let placed = points.map { point in up(point.y).map { (across(point.x), $0) } }
        let drawn = placed.compactMap { $0 }
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
    /// At most so many points: the means of as many stretches of equal length, in their order.
    ///
    /// Of numbers that are not finite, one makes its stretch so: a run that diverges shows it.
    func thinned(to most: Int) -> [SIMD2<Double>] {
        guard count > most else { return self }
        return (0..<most).map { stretch in
            let range = stretch * count / most..<(stretch + 1) * count / most
            return self[range].reduce(.zero, +) / Double(range.count)
        }
    }
}
