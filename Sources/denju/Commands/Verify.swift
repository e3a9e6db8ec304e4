import ArgumentParser
import Checkpoints
import Foundation
import Telemetry
import Training

/// One checkpoint, named by its folder, by a folder of checkpoints or by a run's.
struct CheckpointPlace {
    let store: CheckpointStore
    let folder: String

    init(_ path: String) throws {
        var path = path
        while path.count > 1 && path.hasSuffix("/") { path.removeLast() }
        let manager = FileManager.default
        guard manager.fileExists(atPath: path) else {
            throw UserError("There is no checkpoint at \(path): check the path.")
        }
        let name = URL(fileURLWithPath: path).lastPathComponent
        if name.hasPrefix("step-") {
            let parent = URL(fileURLWithPath: path).deletingLastPathComponent().path
            store = CheckpointStore(parent)
            folder = name
            return
        }
        let inner = path + "/" + RunFolder.checkpoints
        store = CheckpointStore(manager.fileExists(atPath: inner) ? inner : path)
        guard let newest = try store.folders().max(by: { $0.step < $1.step }) else {
            throw UserError(
                "\(path) holds no checkpoint: give a run's folder or one of its checkpoints.")
        }
        folder = try store.mark(CheckpointStore.latestMark) ?? newest.name
    }
}

struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Checks every byte of a checkpoint against its manifest.",
        discussion: """
            Examples:
              denju verify runs/a/checkpoints/step-00000300
              denju verify --digest runs/a

            --digest prints one SHA-256 over weights and optimiser: two runs are the same, bit for \
            bit, if and only if it is equal.
            """)

    @Argument(
        help: "A checkpoint's folder, or a run's for its newest checkpoint.", completion: .file())
    var checkpoint: String

    @Flag(name: .long, help: "Print one SHA-256 over weights and optimiser.")
    var digest = false

    func run() throws {
        try reporting {
            let place = try CheckpointPlace(checkpoint)
            let report = place.store.verify(place.folder)
            for problem in report.problems { complain("\(problem)") }
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

struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows what a checkpoint holds: step, tensors, shapes, sizes, hashes.",
        discussion: "Example: denju inspect runs/a/checkpoints/step-00000300")

    @Argument(
        help: "A checkpoint's folder, or a run's for its newest checkpoint.", completion: .file())
    var checkpoint: String

    @Flag(name: .long, help: "Also print the recipe.")
    var recipe = false

    func run() throws {
        try reporting {
            let place = try CheckpointPlace(checkpoint)
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
