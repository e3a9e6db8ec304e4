import ArgumentParser
import Checkpoints
import Foundation
import Networks
import Reporting
import Telemetry
import Tensors
import Training

struct CheckpointsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "checkpoints",
        abstract: "Breaks saves at every operation and checkpoints at every bit; times a save.",
        discussion: """
            Example: denju-bench checkpoints

            A simulated disk loses power before each write, fsync, rename and removal of a save, \
            and keeps of what was not yet safe nothing, all, or some. Afterwards the checkpoint \
            before or the new one must load: 'neither' must be 0. Then each bit of each file of a \
            checkpoint is flipped in turn: 'undetected' must be 0. Ends with status 1 if not so.
            The save that is timed is SRKD's student with its optimiser's moments, on a real disk; \
            its cost is what it holds training up for and what its thread computes meanwhile.
            """)

    @Option(name: .long, help: "Where the timed save is written and removed again.")
    var folder = FileManager.default.temporaryDirectory.path
    @Option(name: .long, help: "Saves that are timed.")
    var passes = 5
    @Option(name: .long, help: "Seconds of the steps that a save's cost is compared with.")
    var step = 0.65
    @Flag(name: .long, help: "One JSON object instead of tables.")
    var json = false

    private struct Report: Encodable {
        let crashes: [CheckpointTrial.Crashes]
        let flips: [CheckpointTrial.Flips]
        let save: CheckpointTrial.Save
        /// The seconds of a step, and what a save costs in steps.
        let stepS: Double
        let saveSteps: Double
    }

    func run() throws {
        try reporting {
            guard passes > 0 else { throw UserError("--passes is \(passes): give 1 or more.") }
            guard step > 0 else { throw UserError("--step is \(step): give more than 0.") }
            let trial = CheckpointTrial()
            let save = try CheckpointTrial.Save(in: folder, passes: passes)
            let report = Report(
                crashes: try CheckpointTrial.Scene.allCases.map { try trial.crashes(in: $0) },
                flips: try trial.flips(),
                save: save, stepS: step, saveSteps: (save.snapshotS + save.processorS) / step)
            print(json ? try snakeCaseJSON(report) : Self.text(report))
            let isSound =
                report.crashes.allSatisfy { $0.neither == 0 }
                && report.flips.allSatisfy { $0.undetected == 0 }
            if !isSound { throw ExitCode(1) }
        }
    }

    private static func text(_ report: Report) -> String {
        var crashes = TextTable([
            "save that loses power", "operations", "states", "old one loads", "new one loads",
            "neither",
        ])
        for row in report.crashes {
            crashes.add([
                row.scene, "\(row.operations)", grouped(row.states), grouped(row.old),
                grouped(row.new), grouped(row.neither),
            ])
        }
        var flips = TextTable(["file", "bytes", "bits flipped", "undetected"])
        for row in report.flips {
            flips.add([row.file, grouped(row.bytes), grouped(row.bits), grouped(row.undetected)])
        }
        let save = report.save
        return
            "\(crashes)\n\n\(flips)\n\nA save of \(grouped(save.bytes)) bytes holds training up for "
            + String(format: "%.1f ms", 1e3 * save.snapshotS)
            + ", and is on disk " + String(format: "%.2f s", save.writtenS)
            + " later, of which its thread computes "
            + String(format: "%.3f s", save.processorS) + " (medians of \(save.passes)). "
            + String(
                format:
                    "One every 100 steps of %.2f s costs %.2f %% of their time, and less than 2 %%"
                    + " one every %.0f.", report.stepS, report.saveSteps,
                (50 * report.saveSteps).rounded(.up))
    }
}
