import ArgumentParser
import Distillation
import Reporting
import Telemetry

struct ObjectivesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "objectives",
        abstract: "Times what each objective costs a step besides the networks.",
        discussion: """
            Examples:
              denju-bench objectives
              denju-bench objectives feature.projector --points 80000

            Seconds on one thread for a whole mini-batch: contributions, loss and gradient, with \
            the settings a recipe has where it is silent. What it asks of the networks comes on top.
            """)

    @Argument(help: "Objectives; all of them by default.")
    var names: [String] = []

    @Option(name: .long, help: "Points of a cloud.")
    var points = 20_000
    @Option(name: .long, help: "Clouds of a mini-batch.")
    var clouds = 4
    @Option(name: .long, help: "Repetitions that are timed.")
    var passes = 5
    @Flag(name: .long, help: "One JSON object instead of a table.")
    var json = false

    private struct Row: Encodable {
        let objective: String
        let seconds: Double
        let asks: [String]
    }

    func run() throws {
        try reporting {
            guard points > 0, clouds > 0, passes > 0 else {
                throw UserError(
                    "--points \(points) --clouds \(clouds) --passes \(passes): give 1 or more of "
                        + "each.")
            }
            let known = ObjectiveCatalogue.entries
            if let name = names.first(where: { ObjectiveCatalogue[$0] == nil }) {
                let all = known.map(\.name).joined(separator: ", ")
                throw UserError("There is no objective '\(name)': there are \(all).")
            }
            let cost = try ObjectiveCost(points: points, clouds: clouds)
            let rows = try known.filter { names.isEmpty || names.contains($0.name) }.map { entry in
                let made = try entry.make(SettingsReader([:], path: entry.name)).objective
                return Row(
                    objective: entry.name, seconds: try cost.seconds(of: made, passes: passes),
                    asks: made.asks)
            }
            print(json ? try snakeCaseJSON(rows) : table(rows))
        }
    }

    private func table(_ rows: [Row]) -> String {
        var table = TextTable(["objective", "s a step", "and besides"])
        for row in rows {
            table.add([
                row.objective, "\(Readable.number(row.seconds))", row.asks.joined(separator: ", "),
            ])
        }
        return table.description
    }
}

extension Objective {
    /// What it makes the networks compute that they would not without it.
    fileprivate var asks: [String] {
        var asks: [String] = []
        if needs.contains(.strongView) { asks.append("both networks on a second view") }
        if needs.contains(.average) { asks.append("the averaged student") }
        if needs.contains(.teacherAuxiliary) { asks.append("the teacher's heads") }
        if responds { asks.append("a second exchange") }
        return asks
    }
}
