import ArgumentParser
import Checkpoints
import Foundation
import Reporting
import Telemetry
import Training

struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Checks every byte of a checkpoint against its manifest.",
        discussion: """
            Examples:
              denju verify runs/a/checkpoints/step-00000300
              denju verify --digest runs/a

            --digest prints a SHA-256 over weights and optimiser state. Two runs are bit-identical if \
            and only if their digests are equal.
            """)

    @Argument(
        help: "A checkpoint's folder, or a run's folder for its newest checkpoint.",
        completion: .file())
    var checkpoint: String

    @Flag(name: .long, help: "Print a SHA-256 over weights and optimiser state.")
    var digest = false

    func run() throws {
        try reporting {
            let place = try ModelLocation(checkpoint).newestCheckpoint()
            let report = place.store.verify(place.folder)
            // All problems, since several files may have to be restored.
            for problem in report.problems { printMessage("\(problem)") }
            guard report.isGood else { throw ExitCode(2) }
            if digest {
                print(try place.store.digest(place.folder).hex)
            } else {
                let bytes = report.files.reduce(0) { $0 + $1.size }
                print(
                    "\(place.folder): \(report.files.count) files, \(grouped(bytes)) bytes, all good"
                )
            }
        }
    }
}

struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Shows a checkpoint's step, tensors, shapes, sizes and hashes.",
        discussion: "Example: denju inspect runs/a/checkpoints/step-00000300")

    @Argument(
        help: "A checkpoint's folder, or a run's folder for its newest checkpoint.",
        completion: .file())
    var checkpoint: String

    @Flag(name: .long, help: "Print the recipe as well.")
    var recipe = false

    func run() throws {
        try reporting {
            let place = try ModelLocation(checkpoint).newestCheckpoint()
            let inspection = try place.store.inspect(place.folder)
            let state = inspection.state
            print(
                "\(place.folder): run \(state.runID), step \(state.step), pass \(state.pass), "
                    + "written by denju \(state.toolVersion), OpenBLAS core \(state.numerics.blasCore)"
            )
            if let best = state.best {
                print("best \(best.name) \(percent(best.value)) at step \(best.step)")
            }
            for group in inspection.groups {
                var table = TextTable([.init(group.name), "shape", "bytes", "SHA-256"])
                for item in group.tensors {
                    table.add([
                        item.entry.name,
                        item.entry.shape.map(String.init).joined(separator: " x "),
                        grouped(item.entry.range.count), String(item.sha256.hex.prefix(16)),
                    ])
                }
                print("\n\(table)\n\(grouped(group.scalarCount)) numbers")
            }
            if recipe { print("\n" + state.recipe) }
        }
    }
}
