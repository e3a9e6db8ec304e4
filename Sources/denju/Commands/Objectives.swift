import ArgumentParser
import Distillation
import Telemetry

struct Objectives: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists what a student can be taught to want: formulas, sources, settings.",
        discussion: "Example: denju objectives relation.dense")

    @Argument(help: "One objective; all of them by default.")
    var name: String?

    func run() throws {
        try reporting {
            var entries = ObjectiveCatalogue.entries
            if let name {
                entries = entries.filter { $0.name == name }
                guard !entries.isEmpty else {
                    let known = ObjectiveCatalogue.entries.map(\.name).joined(separator: ", ")
                    throw UserError("There is no objective '\(name)': there are \(known).")
                }
            }
            for entry in entries {
                print(entry.name)
                print("  \(entry.formula)")
                print("  \(entry.source) (\(entry.grade.rawValue)); weight \(entry.weight)")
                for setting in entry.settings {
                    print("  \(setting.key) (\(setting.standard)): \(setting.meaning)")
                }
                print("")
            }
            print("Every objective also has")
            for setting in ObjectiveEntry.common {
                print("  \(setting.key) (\(setting.standard)): \(setting.meaning)")
            }
        }
    }
}
