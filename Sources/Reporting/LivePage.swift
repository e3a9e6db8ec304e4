package import Telemetry

/// The page of a running run: the curves of its report, the workers' states, and a timeline.
package struct LivePage: Sendable {
    private let title: String
    private let formula: String

    /// The page of a run with this name and objectives.
    package init(title: String, formula: String) {
        self.title = title
        self.formula = formula
    }

    /// The page, whose script reloads the content every second.
    package var html: String {
        var page = Page(
            title: "\(title) · live",
            body: """
                <nav><div><strong>Denju</strong><span class="soft">\(title)</span>\
                <button id="theme" type="button">Light / dark</button></div></nav>
                <main><header><h1>\(title)</h1><pre class="formula"><code>\(formula)</code></pre>\
                </header><div id="live"><p class="soft">Waiting for the coordinator …</p></div>
                <footer>Renewed each second. <a href="metrics">metrics</a> · \
                <a href="status.json">status</a> · <a href="trace.json">trace of the last steps</a>\
                </footer></main>
                """)
        page.scripts = [Asset.live]
        page.connects = "'self'"
        return page.html.text
    }

    /// The content that the page reloads.
    package func content(
        records: [StepRecord], validations: [ValidationRecord], status: RunStatus?,
        trace: [Trace.Step]
    ) -> String {
        let curves = RunCurves(records: records, validations: validations)
        let parts: [HTML] = [
            tiles(status, records.last, validations.last), workers(status),
            Timeline(steps: trace).html,
            Section.grid(
                [curves.loss, curves.validation, curves.gradients, curves.norm, curves.speed]
                    + curves.metrics),
        ]
        return HTML(parts.filter { $0 != .nothing }).text
    }

    private func tiles(
        _ status: RunStatus?, _ last: StepRecord?, _ validation: ValidationRecord?
    ) -> HTML {
        guard let status else { return "<p class=\"soft\">The run has not begun.</p>" }
        var tiles: [(value: String, name: String)] = [
            (
                status.stage == .waiting && status.missing > 0
                    ? "waiting for \(status.missing)" : status.stage.rawValue, "now"
            ),
            ("\(Readable.count(status.step)) / \(Readable.count(status.steps))", "steps"),
        ]
        if let seconds = status.secondsAStep {
            tiles.append((Readable.rate(1 / max(seconds, 1e-9), of: "steps", each: "step"), "rate"))
        }
        if let remaining = status.remaining {
            tiles.append((Readable.duration(seconds: remaining), "left"))
        }
        if let last {
            tiles.append((Readable.number(last.loss), "loss"))
            tiles.append(
                (
                    "\(last.samples) · \(Readable.count(last.points))",
                    "clouds · points per mini-batch"
                )
            )
        }
        if let validation {
            tiles.append((Readable.number(100 * validation.meanIoU, places: 1), "mIoU"))
        }
        return Section.tiles(tiles)
    }

    private func workers(_ status: RunStatus?) -> HTML {
        guard let status, !status.workers.isEmpty else { return .nothing }
        let rows = status.workers.map { worker -> HTML in
            let state = worker.state
            let cells = [
                state, "\(worker.threads)", Readable.duration(seconds: worker.work),
                Readable.duration(seconds: worker.cost), Readable.duration(seconds: worker.silence),
            ].map { cell -> HTML in "<td>\(cell)</td>" }
            return "<tr><td>\(worker.name)</td>\(cells)</tr>"
        }
        return """
            <div class="card scroll"><table><thead><tr><th>worker</th><th>now</th><th>threads</th>\
            <th>work per step</th><th>waited for</th><th>last message</th></tr></thead>
            <tbody>\(rows)</tbody></table></div>
            """
    }
}
