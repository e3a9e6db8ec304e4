import Telemetry

extension RunReport {
    private var curves: RunCurves { RunCurves(records: records, validations: validations) }

    /// The curves of training.
    var learning: Section {
        Section(
            id: "learning", title: "Learning",
            content: Section.grid(
                [curves.loss, curves.validation, curves.gradients, curves.norm, curves.rates]
                    + curves.metrics))
    }

    /// The time of workers and coordinator by phase, and the memory.
    var time: Section {
        guard !records.isEmpty else {
            return Section(id: "time", title: "Time", content: .nothing)
        }
        let phases = Phase.allCases.filter { phase in records.contains { $0.phases[phase] != nil } }
        let means = phases.map { phase -> Double? in
            records.reduce(0.0) { $0 + ($1.phases[phase]?.median ?? 0) } / Double(records.count)
        }
        let chart = BarChart(
            title: "The workers' time", note: "Mean seconds per step of the median worker.",
            rows: phases.map { $0.rawValue.replacing("_", with: " ") },
            series: [.init(name: "seconds", colour: 0, values: means)],
            format: { Readable.duration(seconds: $0) })
        let memory = records.last?.memory ?? [:]
        let workers = memory.keys.sorted()
        let peaks = BarChart(
            title: "Memory", note: "Peak of each worker.", rows: workers,
            series: [
                .init(
                    name: "bytes", colour: 3,
                    values: workers.map { memory[$0].map { Double($0.peakBytes) } })
            ], format: { Readable.bytes(Int($0)) })
        return Section(
            id: "time", title: "Time and memory", short: "Time",
            content: Section.grid(
                [
                    chart.html, coordinator, curves.speed,
                    workers.isEmpty ? .nothing : peaks.html,
                ]))
    }

    private var coordinator: HTML {
        let accounts = records.compactMap(\.coordinator)
        let phases = Phase.allCases.filter { phase in accounts.contains { $0[phase] != nil } }
        guard !phases.isEmpty else { return .nothing }
        let means = phases.map { phase -> Double? in
            accounts.reduce(0.0) { $0 + ($1[phase] ?? 0) } / Double(accounts.count)
        }
        let unattributed =
            records.reduce(0.0) { $0 + ($1.unattributed ?? 0) } / Double(accounts.count)
        return BarChart(
            title: "The coordinator's time",
            note: "Mean seconds per step; idle is waiting for workers.",
            rows: phases.map { $0.rawValue.replacing("_", with: " ") } + ["unattributed"],
            series: [.init(name: "seconds", colour: 3, values: means + [unattributed])],
            format: { Readable.duration(seconds: $0) }
        ).html
    }
}
