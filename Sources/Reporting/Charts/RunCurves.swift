package import Telemetry

/// The curves of a run's steps and validations, for the report and the live page.
package struct RunCurves: Sendable {
    /// The steps.
    package var records: [StepRecord]
    /// The validations.
    package var validations: [ValidationRecord]

    /// Curves of these steps and validations.
    package init(records: [StepRecord], validations: [ValidationRecord]) {
        self.records = records
        self.validations = validations
    }

    /// The loss and the weighted terms.
    package var loss: HTML {
        let parts = terms.enumerated().map { place, name in
            line(name, place + 1) { record in
                record.terms[name].map { $0 * (record.weights?[name] ?? 1) }
            }
        }
        return LineChart(
            "Loss", note: "The sum and the weighted terms.",
            series: (terms.count > 1 ? parts : []) + [line("sum", 0) { $0.loss }]
        ).html
    }

    /// The scores on the validation scans.
    package var validation: HTML {
        func points(_ value: (ValidationRecord) -> Double) -> [SIMD2<Double>] {
            validations.map { SIMD2(Double($0.step), 100 * value($0)) }
        }
        return LineChart(
            "Validation", note: "Per cent, on the run's validation scans.",
            series: [
                .init("mIoU", colour: 0, points: points(\.meanIoU)),
                .init("mAcc", colour: 1, points: points(\.meanAccuracy)),
                .init("allAcc", colour: 2, points: points(\.overallAccuracy)),
            ]
        ).html
    }

    /// The gradient norm of each term.
    package var gradients: HTML {
        LineChart(
            "Gradient norm of each term",
            note: "With respect to the student's outputs, times the weight.",
            series: terms.enumerated().map { place, name in
                line(name, place + 1) { record in
                    record.gradientNorms?[name].map { $0 * (record.weights?[name] ?? 1) }
                }
            }, scale: .logarithmic
        ).html
    }

    /// The whole gradient's norm before clipping.
    package var norm: HTML {
        LineChart(
            "Gradient norm", note: "Of all parameters, before clipping.",
            series: [line("", 0) { $0.gradientNorm }], scale: .logarithmic
        ).html
    }

    /// Learning rates.
    package var rates: HTML {
        let names = Set(records.flatMap(\.learningRates.keys)).sorted()
        return LineChart(
            "Learning rate",
            series: names.enumerated().map { place, name in
                line(name, place) { $0.learningRates[name] }
            }, reaching: [0]
        ).html
    }

    /// The metrics that terms report: effective ranks, shares of points.
    package var metrics: [HTML] {
        Set(records.flatMap { $0.metrics.map { Array($0.keys) } ?? [] }).sorted().map { name in
            LineChart(
                name, note: "Reported by the objective.",
                series: [line("", 3) { $0.metrics?[name] }]
            ).html
        }
    }

    /// Throughput in points per second.
    package var speed: HTML {
        LineChart(
            "Points per second", series: [line("", 2) { $0.pointsPerSecond }], reaching: [0]
        ).html
    }

    private var terms: [String] { Set(records.flatMap(\.terms.keys)).sorted() }

    private func line(
        _ name: String, _ colour: Int, _ value: (StepRecord) -> Double?
    ) -> LineChart.Series {
        LineChart.Series(
            name, colour: colour,
            points: records.compactMap { record in
                value(record).map { SIMD2(Double(record.step), $0) }
            })
    }
}
