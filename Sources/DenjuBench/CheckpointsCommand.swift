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
        abstract:
            "Interrupts saves at every operation, flips every bit of checkpoints, times a save.",
        discussion: """
            Example: denju-bench checkpoints

            A simulated disk loses power before each write, fsync, rename and removal of a save, and \
            keeps none, all or a part of the unsynchronised data. Afterwards the previous or the new \
            checkpoint must load: 'neither' must be 0. Then each bit of each file of a checkpoint is \
            flipped in turn: 'undetected' must be 0. Otherwise the exit status is 1.
            The timed save is that of SRKD's student with its optimiser state on a real disk. Its \
            cost is the time for which training waits and the processor time of the writing thread.
            """)

    @Option(name: .long, help: "The folder in which the timed save is written and removed.")
    var folder = FileManager.default.temporaryDirectory.path
    @Option(name: .long, help: "Timed saves.")
    var passes = 5
    @Option(name: .long, help: "Seconds per step with which the cost is compared.")
    var step = 0.65
    @Flag(name: .long, help: "Print one JSON object instead of tables.")
    var json = false

    private struct Report: Encodable {
        let crashes: [CheckpointTrial.Crashes]
        let flips: [CheckpointTrial.Flips]
        let save: CheckpointTrial.Save
        /// The seconds of a step, and the cost of a save in steps.
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
            "interrupted save", "operations", "states", "old one loads", "new one loads",
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
            "\(crashes)\n\n\(flips)\n\nA save of \(grouped(save.bytes)) bytes stops training for "
            + String(format: "%.1f ms", 1e3 * save.snapshotS)
            + " and is on disk " + String(format: "%.2f s", save.writtenS)
            + " later; its thread takes "
            + String(format: "%.3f s", save.processorS)
            + " of processor time (medians of \(save.passes)). "
            + String(
                format:
                    "One save per 100 steps of %.2f s costs %.2f %% of their time; one per %.0f "
                    + "steps costs less than 2 %%.", report.stepS, report.saveSteps,
                (50 * report.saveSteps).rounded(.up))
    }
}
