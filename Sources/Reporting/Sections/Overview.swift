import Telemetry

extension RunReport {
    /// The result in a sentence.
    var summary: String {
        guard let student = model(.student) else { return "No model of this run was measured." }
        let own = "mIoU \(Readable.number(100 * student.meanIoU, places: 1))"
        guard let teacher = model(.teacher) else {
            return "A network of \(Readable.count(student.parameters)) parameters at \(own)."
        }
        let ratio = Readable.number(Double(teacher.parameters) / Double(max(student.parameters, 1)))
        let others = model(.alone).map {
            ", against \(Readable.number(100 * $0.meanIoU, places: 1)) for the same student alone"
        }
        return
            "A student of \(Readable.count(student.parameters)) parameters, \(ratio) times smaller "
            + "than its teacher, reaches \(own) of the teacher's "
            + "\(Readable.number(100 * teacher.meanIoU, places: 1))\(others ?? "")."
    }

    /// The main figures.
    var tiles: HTML {
        var tiles: [(value: String, name: String)] = []
        if let student = model(.student) {
            tiles.append((Readable.number(100 * student.meanIoU, places: 1), "mIoU of the student"))
            if let alone = model(.alone) {
                let gain = 100 * (student.meanIoU - alone.meanIoU)
                tiles.append(
                    (
                        (gain >= 0 ? "+" : "") + Readable.number(gain, places: 1),
                        "mIoU over the student alone"
                    ))
            }
            if let teacher = model(.teacher) {
                let ratio = Double(teacher.parameters) / Double(max(student.parameters, 1))
                let speed = teacher.secondsPerScan / max(student.secondsPerScan, 1e-9)
                tiles.append((Readable.number(ratio) + "×", "smaller than the teacher"))
                tiles.append((Readable.number(speed) + "×", "faster than the teacher"))
            }
        }
        if let last = records.last {
            tiles.append((Readable.count(last.step), "steps"))
            let seconds = records.reduce(0) { $0 + $1.seconds }
            tiles.append((Readable.duration(seconds: seconds), "of training"))
        }
        return Section.tiles(tiles)
    }

    /// The comparison of the models.
    var results: Section {
        guard !models.isEmpty else {
            return Section(id: "results", title: "Results", content: .nothing)
        }
        return Section(
            id: "results", title: "Results",
            lead: "Measured on \(measuredOn); latency is one scan on one thread of this machine.",
            content: """
                <div class="card scroll">\(modelTable)</div>
                \(Section.grid([classBars, gaps]))
                """)
    }

    private var modelTable: HTML {
        let heads = [
            "model", "parameters", "weights", "compression", "mIoU", "mAcc", "allAcc",
            "latency", "speed-up", "training memory",
        ].map { head -> HTML in "<th>\(head)</th>" }
        // Without a teacher, compression is relative to the largest model.
        let largest = models.map(\.parameters).max() ?? 0
        let teacher = model(.teacher)
        let rows = models.map { model -> HTML in
            let ratio = Double(largest) / Double(max(model.parameters, 1))
            let speed =
                model.role == .teacher
                ? nil : teacher.map { $0.secondsPerScan / max(model.secondsPerScan, 1e-9) }
            let cells = [
                Readable.count(model.parameters), Readable.bytes(model.bytes),
                model.parameters < largest ? Readable.number(ratio, places: 1) + "×" : "",
                Readable.number(100 * model.meanIoU, places: 1),
                Readable.number(100 * model.meanAccuracy, places: 1),
                Readable.number(100 * model.overallAccuracy, places: 1),
                Readable.duration(seconds: model.secondsPerScan),
                speed.map { Readable.number($0, places: 1) + "×" } ?? "",
                model.trainingBytes.map { Readable.bytes($0) } ?? "",
            ].map { cell -> HTML in "<td>\(cell)</td>" }
            return "<tr><td>\(model.name)</td>\(cells)</tr>"
        }
        return "<table><thead><tr>\(heads)</tr></thead>\n<tbody>\(rows)</tbody></table>"
    }

    /// The classes with points, in descending order of the student's IoU.
    private var order: [Int] {
        func score(_ label: Int) -> Double { (model(.student) ?? models[0]).iou[label] ?? 0 }
        return classes.indices.filter { place in models.contains { $0.iou[place] != nil } }
            .sorted { (score($0), $1) > (score($1), $0) }
    }

    private var classBars: HTML {
        BarChart(
            title: "Intersection over union of each class", note: "Per cent.",
            rows: order.map { classes[$0] },
            series: models.map { model in
                .init(
                    name: model.name, colour: model.colour,
                    values: order.map { label in model.iou[label].map { $0 * 100 } })
            }, limit: 100, format: { Readable.number($0, places: 1) }
        ).html
    }

    /// The lead of the teacher over the student in each class.
    private var gaps: HTML {
        guard let student = model(.student), let teacher = model(.teacher) else { return .nothing }
        return BarChart(
            title: "Gap to the teacher",
            note: "Points of IoU by which the teacher exceeds the student.",
            rows: order.map { classes[$0] },
            series: [
                .init(
                    name: "teacher − student", colour: 4,
                    values: order.map { label in
                        guard let own = student.iou[label], let best = teacher.iou[label] else {
                            return nil
                        }
                        return max(0, 100 * (best - own))
                    })
            ], format: { Readable.number($0, places: 1) }
        ).html
    }

    /// The facts that identify the run, and its recipe.
    var origin: Section {
        let entries = facts.map { fact -> HTML in
            "<dt>\(fact.name)</dt><dd>\(fact.value)</dd>"
        }
        return Section(
            id: "run", title: "Run",
            content: """
                <pre class="card formula"><code>\(formula)</code></pre>
                <div class="card"><dl>\(entries)</dl>
                <details><summary>Recipe</summary><pre><code>\(recipe)</code></pre></details></div>
                """)
    }
}
