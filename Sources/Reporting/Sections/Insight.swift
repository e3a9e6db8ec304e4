import Telemetry

extension RunReport {
    /// What is taken for what.
    var confusions: Section {
        Section(
            id: "confusion", title: "Confusion",
            lead: "Rows are true classes, columns what they were labelled: strong off the diagonal "
                + "is what a model mixes up.",
            content: Section.grid(
                models.map { model in
                    ConfusionFigure(
                        title: model.name, classes: classes, counts: model.confusion
                    ).html
                }))
    }

    /// Which points belong together.
    var relations: Section {
        Section(
            id: "relations", title: "Which points belong together", short: "Relations",
            lead: "Cosines of points' features, sorted by class: what relational distillation "
                + "passes on. Blocks on the diagonal are classes that hold together.",
            content: HTML(
                affinities.map { row -> HTML in
                    let figures = row.figures.map { $0.html(classes: classes, palette: palette) }
                    return """
                        <h3>\(row.title)</h3><p class="soft">\(row.note)</p>
                        \(Section.grid(figures, three: true))
                        """
                }))
    }

    /// How sure the models are.
    var confidence: Section {
        guard let first = model(.teacher) ?? model(.student) else {
            return Section(id: "confidence", title: "Confidence", content: .nothing)
        }
        let sure = LineChart(
            "Share of confident points",
            note: "Points whose highest probability is at least so high.", unit: "probability",
            series: models.map { .init($0.name, colour: $0.colour, points: $0.confidence.surer) },
            reaching: [0, 1])
        let diagonal = LineChart.Series(
            "as it says", colour: 4, points: [SIMD2(0, 0), SIMD2(1, 1)], isDashed: true)
        let right = LineChart(
            "Right when confident?",
            note: "Share of right labels at a probability; above the dashed line it is too modest, "
                + "below it too sure.",
            unit: "probability",
            series: models.map { .init($0.name, colour: $0.colour, points: $0.confidence.accuracy) }
                + [diagonal], reaching: [0, 1])
        return Section(
            id: "confidence", title: "Confidence",
            content: Section.grid([sure.html, right.html, doubts(of: first)]))
    }

    private func doubts(of first: ModelFigures) -> HTML {
        func doubt(_ model: ModelFigures, _ label: Int) -> Double? {
            let points = model.confidence.ofClass[label]
            return points > 0 ? 100 * model.confidence.entropy[label] / Double(points) : nil
        }
        let order = classes.indices.filter { doubt(first, $0) != nil }.sorted { a, b in
            (doubt(first, a) ?? 0, b) > (doubt(first, b) ?? 0, a)
        }
        return BarChart(
            title: "Where the \(first.role.rawValue) is unsure",
            note: "Mean entropy of the points of each class, per cent of not knowing at all.",
            rows: order.map { classes[$0] },
            series: models.filter { $0.role != .alone }.map { model in
                .init(
                    name: model.name, colour: model.colour, values: order.map { doubt(model, $0) })
            }, written: { Readable.number($0, places: 1) }
        ).html
    }

    /// How many directions are used.
    var directions: Section {
        Section(
            id: "directions", title: "Directions",
            lead: "Singular values, the largest as 1: a line that falls early uses few directions.",
            content: Section.grid(
                spectra.map { group in
                    LineChart(
                        group.title, note: group.note, unit: "direction",
                        series: group.lines.enumerated().map { place, line in
                            let first = max(line.values.first ?? 1, 1e-300)
                            let model = models.first { line.name.hasPrefix($0.name + ",") }
                            return .init(
                                line.name, colour: model?.colour ?? place + 3,
                                points: line.values.enumerated().map { index, value in
                                    SIMD2(Double(index + 1), value / first)
                                })
                        }, scale: .logarithmic
                    ).html
                }))
    }
}
