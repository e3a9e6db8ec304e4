import Telemetry

/// The contents of a study's report: arms, paired differences and their intervals.
package struct StudyReport: Sendable {
    /// The paired difference of one arm, or one of its classes, to another arm, in percentage points.
    package struct Difference: Sendable {
        /// The arm, or the class.
        package var name: String
        /// One difference for each seed.
        package var differences: [Double]
        /// The mean over the seeds.
        package var mean: Double
        /// Half the width of the 95 % interval of the mean; nil for a single seed.
        package var halfWidth: Double?

        /// A difference with these figures.
        package init(name: String, differences: [Double], mean: Double, halfWidth: Double?) {
            self.name = name
            self.differences = differences
            self.mean = mean
            self.halfWidth = halfWidth
        }
    }

    /// One arm of the study, or the teacher.
    package struct Arm: Sendable {
        /// The name in tables.
        package var name: String
        /// The arm it is compared with; nil for a baseline.
        package var against: String?
        /// Mean IoU of each seed, 0 to 1.
        package var meanIoU: [Double]
        /// Gains in mIoU, mean accuracy and overall accuracy; nil for a baseline.
        package var gains: (mIoU: Difference, mAcc: Difference, allAcc: Difference)?
        /// Gains in each class that all runs have scored.
        package var classGains: [Difference]
        /// IoU of each class, averaged over the seeds, 0 to 1.
        package var classes: [String: Double]
        /// The share of the gap to the teacher that is closed.
        package var gapClosed: Double?
        /// Number of learnt parameters.
        package var parameters: Int
        /// The recipe of one of its runs.
        package var recipe: String?

        /// An arm without a comparison.
        package init(
            name: String, meanIoU: [Double], classes: [String: Double], parameters: Int
        ) {
            self.name = name
            self.meanIoU = meanIoU
            self.classes = classes
            self.parameters = parameters
            classGains = []
        }
    }

    /// The study's name.
    package var title: String
    /// The seeds of every arm.
    package var seeds: [UInt64]
    /// The arm with which other arms are compared by default.
    package var baseline: String
    /// The teacher, if there is one.
    package var teacher: Arm?
    /// The arms in the study's order.
    package var arms: [Arm]

    /// A report of these arms.
    package init(
        title: String, seeds: [UInt64], baseline: String, teacher: Arm?, arms: [Arm]
    ) {
        self.title = title
        self.seeds = seeds
        self.baseline = baseline
        self.teacher = teacher
        self.arms = arms
    }

    /// The report as one self-contained file.
    package var html: String {
        let sections = [results, classSection, seedSection, origin].filter {
            $0.content != .nothing
        }
        return Page(report: title, summary: summary, sections).html.text
    }

    // MARK: - Sections

    /// The colours of the teacher and of the arms that the bar chart shows.
    private static let colours = [4, 0, 1, 2, 3]

    private var summary: String {
        let count = seeds.count == 1 ? "one seed" : "\(seeds.count) seeds each"
        let gains = arms.compactMap { arm in arm.gains.map { (arm, $0.mIoU) } }
        let best = gains.max { ($0.1.mean, $1.0.name) < ($1.1.mean, $0.0.name) }
        let leader = best.map { arm, gain in
            "; \(arm.name) gains most, \(gain.words) points of mIoU against "
                + "“\(arm.against ?? baseline)”"
        }
        return "\(arms.count) arms of \(count)\(leader ?? "")."
    }

    private var results: Section {
        let heads = [
            "arm", "mIoU", "Δ mIoU", "Δ mAcc", "Δ allAcc", "gap closed", "parameters",
            "compression",
        ].map { head -> HTML in "<th>\(head)</th>" }
        let rows = (teacher.map { [$0] } ?? []) + arms
        let cells = rows.map { arm -> HTML in
            let compression = teacher.map {
                Readable.number(Double($0.parameters) / Double(max(arm.parameters, 1)), places: 1)
                    + "×"
            }
            let isTeacher = arm.name == teacher?.name
            let texts = [
                Readable.number(100 * arm.averageIoU, places: 1),
                arm.gains?.mIoU.words ?? (arm.name == baseline ? "baseline" : ""),
                arm.gains?.mAcc.words ?? "", arm.gains?.allAcc.words ?? "",
                arm.gapClosed.map { Readable.number(100 * $0, places: 0) + " %" } ?? "",
                Readable.count(arm.parameters), isTeacher ? "" : compression ?? "",
            ].map { text -> HTML in "<td>\(text)</td>" }
            return "<tr><td>\(title(of: arm))</td>\(texts)</tr>"
        }
        return Section(
            id: "results", title: "Results",
            lead:
                "Percentage points. The arms of a seed share initial weights, order and views, so "
                + "that differences are paired; ± is half a 95 % interval by Student's t.",
            content: """
                <div class="card scroll"><table><thead><tr>\(heads)</tr></thead>
                <tbody>\(cells)</tbody></table></div>
                \(Section.grid([
                    chart("mIoU", \.mIoU), chart("Mean accuracy", \.mAcc),
                    chart("Accuracy over points", \.allAcc),
                ], three: true))
                """)
    }

    private func chart(
        _ title: String,
        _ value: (((mIoU: Difference, mAcc: Difference, allAcc: Difference)) -> Difference)
    ) -> HTML {
        IntervalChart(
            title: title, note: "Points gained, a dot for each seed, the mean with its interval.",
            rows: arms.compactMap { arm in
                arm.gains.map { gains in
                    var row = value(gains)
                    row.name = self.title(of: arm)
                    return row
                }
            }
        ).html
    }

    private var classSection: Section {
        let all = (teacher.map { [$0] } ?? []) + arms
        let reference = arms.first { $0.name == baseline } ?? arms.first
        let names = Set(all.flatMap(\.classes.keys)).sorted {
            let (a, b) = (reference?.classes[$0] ?? 0, reference?.classes[$1] ?? 0)
            return (b, $0) < (a, $1)
        }
        let bars = BarChart(
            title: "Intersection over union of each class", note: "Per cent, means over the seeds.",
            rows: names,
            series: all.prefix(Self.colours.count - (teacher == nil ? 1 : 0)).enumerated().map {
                place, arm in
                .init(
                    name: arm.name, colour: Self.colours[teacher == nil ? place + 1 : place],
                    values: names.map { arm.classes[$0].map { 100 * $0 } })
            }, limit: 100
        ).html
        let gains = arms.filter { !$0.classGains.isEmpty }.map { arm in
            IntervalChart(
                title: title(of: arm), note: "Points of IoU gained in each class.",
                rows: arm.classGains.sorted { ($1.mean, $0.name) < ($0.mean, $1.name) }
            ).html
        }
        return Section(
            id: "classes", title: "Classes", content: Section.grid(gains + [bars]))
    }

    private var seedSection: Section {
        guard seeds.count > 1 else {
            return Section(id: "seeds", title: "Seeds", content: .nothing)
        }
        let heads = (["arm"] + seeds.map { "seed \($0)" }).map { head -> HTML in
            "<th>\(head)</th>"
        }
        let rows = arms.map { arm -> HTML in
            let cells = arm.meanIoU.map { share -> HTML in
                "<td>\(Readable.number(100 * share, places: 1))</td>"
            }
            return "<tr><td>\(arm.name)</td>\(cells)</tr>"
        }
        return Section(
            id: "seeds", title: "Seeds", lead: "mIoU of every run.",
            content: """
                <div class="card scroll"><table><thead><tr>\(heads)</tr></thead>
                <tbody>\(rows)</tbody></table></div>
                """)
    }

    private var origin: Section {
        let recipes = arms.compactMap { arm in
            arm.recipe.map { recipe -> HTML in
                """
                <details><summary>\(arm.name)</summary><pre><code>\(recipe)</code></pre></details>
                """
            }
        }
        return Section(
            id: "recipes", title: "Recipes", lead: "Of each arm with its first seed.",
            content: recipes.isEmpty ? .nothing : "<div class=\"card\">\(recipes)</div>")
    }

    /// The arm's name, with the arm it is compared with unless that is the baseline.
    private func title(of arm: Arm) -> String {
        guard let other = arm.against, other != baseline else { return arm.name }
        return "\(arm.name) − \(other)"
    }
}

extension StudyReport.Arm {
    /// The mean over the seeds.
    fileprivate var averageIoU: Double {
        meanIoU.reduce(0, +) / Double(max(meanIoU.count, 1))
    }
}
