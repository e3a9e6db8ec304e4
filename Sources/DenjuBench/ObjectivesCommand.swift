import ArgumentParser
import Distillation
import Reporting
import Settings
import Telemetry

struct ObjectivesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "objectives",
        abstract: "Times each objective without the networks.",
        discussion: """
            Examples:
              denju-bench objectives
              denju-bench objectives feature.projector --points 80000

            Seconds on one thread for a mini-batch: contributions, loss and gradient, with default \
            settings. Additional network outputs that an objective requires are listed, not timed.
            """)

    @Argument(help: "Objectives; all by default.")
    var names: [String] = []

    @Option(name: .long, help: "Points per cloud.")
    var points = 20_000
    @Option(name: .long, help: "Clouds per mini-batch.")
    var clouds = 4
    @Option(name: .long, help: "Timed repetitions.")
    var passes = 5
    @Flag(name: .long, help: "Print one JSON object instead of a table.")
    var json = false

    private struct Row: Encodable {
        let objective: String
        let seconds: Double
        let requirements: [String]

        enum CodingKeys: String, CodingKey {
            case objective, seconds
            // The key of earlier releases, which scripts read.
            case requirements = "asks"
        }
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
                throw UserError("There is no objective '\(name)'. The objectives are \(all).")
            }
            let cost = try ObjectiveCost(points: points, clouds: clouds)
            let rows = try known.filter { names.isEmpty || names.contains($0.name) }.map { entry in
                let made = try entry.make(SettingsMapping(empty: entry.name)).objective
                return Row(
                    objective: entry.name, seconds: try cost.seconds(of: made, passes: passes),
                    requirements: made.requirements)
            }
            print(json ? try snakeCaseJSON(rows) : table(rows))
        }
    }

    private func table(_ rows: [Row]) -> String {
        var table = TextTable(["objective", "s per step", "requires"])
        for row in rows {
            table.add([
                row.objective, "\(Readable.number(row.seconds))",
                row.requirements.joined(separator: ", "),
            ])
        }
        return table.description
    }
}

extension Objective {
    /// The additional network outputs and exchanges that the objective requires.
    fileprivate var requirements: [String] {
        var requirements: [String] = []
        if needs.contains(.strongView) { requirements.append("both networks on a second view") }
        if needs.contains(.average) { requirements.append("the averaged student") }
        if needs.contains(.teacherAuxiliary) { requirements.append("the teacher's heads") }
        if responds { requirements.append("a second exchange") }
        return requirements
    }
}
