import Telemetry

extension RunReport {
    /// The confusion matrices.
    var confusions: Section {
        Section(
            id: "confusion", title: "Confusion",
            lead:
                "Rows are true classes, columns predicted classes. Strong squares off the diagonal "
                + "are classes that a model confuses.",
            content: Section.grid(
                models.map { model in
                    ConfusionFigure(
                        title: model.name, classes: classes, counts: model.confusion
                    ).html
                }))
    }

    /// The affinities between points, within and across scans.
    var relations: Section {
        Section(
            id: "relations", title: "Relations between points", short: "Relations",
            lead: "Cosines of points' features, sorted by class: relational distillation transfers "
                + "them. Blocks on the diagonal are classes whose points have similar features.",
            content: HTML(
                affinities.map { row -> HTML in
                    let figures = row.figures.map { $0.html(classes: classes, palette: palette) }
                    return """
                        <h3>\(row.title)</h3><p class="soft">\(row.note)</p>
                        \(Section.grid(figures, three: true))
                        """
                }))
    }

    /// The confidence of the models.
    var confidence: Section {
        guard let first = model(.teacher) ?? model(.student) else {
            return Section(id: "confidence", title: "Confidence", content: .nothing)
        }
        let confident = LineChart(
            "Share of confident points",
            note: "Points whose highest probability is at least this value.", unit: "probability",
            series: models.map {
                .init($0.name, colour: $0.colour, points: $0.confidence.cumulativeShare)
            },
            reaching: [0, 1])
        let diagonal = LineChart.Series(
            "calibrated", colour: 4, points: [SIMD2(0, 0), SIMD2(1, 1)], isDashed: true)
        let calibration = LineChart(
            "Calibration",
            note: "Accuracy by probability; above the dashed line the model is underconfident, "
                + "below it overconfident.",
            unit: "probability",
            series: models.map { .init($0.name, colour: $0.colour, points: $0.confidence.accuracy) }
                + [diagonal], reaching: [0, 1])
        return Section(
            id: "confidence", title: "Confidence",
            content: Section.grid([confident.html, calibration.html, entropies(of: first)]))
    }

    private func entropies(of first: ModelFigures) -> HTML {
        func entropy(_ model: ModelFigures, _ label: Int) -> Double? {
            let points = model.confidence.ofClass[label]
            return points > 0 ? 100 * model.confidence.entropy[label] / Double(points) : nil
        }
        let order = classes.indices.filter { entropy(first, $0) != nil }.sorted { a, b in
            (entropy(first, a) ?? 0, b) > (entropy(first, b) ?? 0, a)
        }
        return BarChart(
            title: "Uncertainty by class",
            note: "Mean entropy of the points of each class, per cent of the maximum.",
            rows: order.map { classes[$0] },
            series: models.filter { $0.role != .alone }.map { model in
                .init(
                    name: model.name, colour: model.colour, values: order.map { entropy(model, $0) }
                )
            }, format: { Readable.number($0, places: 1) }
        ).html
    }

    /// The singular values of features and projectors.
    var directions: Section {
        Section(
            id: "directions", title: "Directions",
            lead:
                "Singular values relative to the largest. A line that falls early uses few directions.",
            content: Section.grid(
                spectra.map { group in
                    LineChart(
                        group.title, note: group.note, unit: "direction",
                        series: group.lines.enumerated().map { place, line in
                            // Relative to the largest, so that models of different scale can be compared.
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
