import ArgumentParser
import Distillation
import Reporting
import Telemetry

struct ObjectivesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "objectives",
        abstract: "Lists the training objectives: formulas, sources, settings.",
        discussion: "Example: denju objectives relation.dense")

    @Argument(help: "One objective or preset; all by default.")
    var name: String?

    func run() throws {
        try reporting {
            let entries = ObjectiveCatalogue.entries.filter { name == nil || $0.name == name }
            let presets = ObjectivePreset.all.filter { name == nil || $0.name == name }
            if let name, entries.isEmpty, presets.isEmpty {
                let known = ObjectiveCatalogue.entries.map(\.name) + ObjectivePreset.all.map(\.name)
                throw UserError(
                    "There is no objective '\(name)'. The objectives are \(known.joined(separator: ", "))."
                )
            }
            for entry in entries { show(entry) }
            if !entries.isEmpty {
                print("Settings of every objective:")
                for setting in ObjectiveEntry.common { show(setting) }
            }
            if name == nil {
                print("\nPresets, each an entry that expands to several objectives\n")
            }
            for preset in presets { try show(preset) }
        }
    }

    private func show(_ entry: ObjectiveEntry) {
        print(entry.name)
        print("  \(entry.formula)")
        print("  \(entry.source) (\(entry.grade.rawValue)); weight \(entry.weight)")
        for setting in entry.settings { show(setting) }
        print("")
    }

    private func show(_ setting: ObjectiveEntry.Setting) {
        print("  \(setting.key) (\(setting.standard)): \(setting.meaning)")
    }

    private func show(_ preset: ObjectivePreset) throws {
        print("preset: \(preset.name)")
        print("  \(preset.meaning)")
        print("  \(try preset.sum())")
        print("  \(preset.source)")
    }
}
