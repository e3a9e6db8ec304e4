import ArgumentParser
import Checkpoints
import DenjuInference
import Files
import Foundation
import Networks
import Reporting
import Telemetry
import Training

struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Checks every byte of a checkpoint against its manifest, or a model's file.",
        discussion: """
            Examples:
              denju verify runs/a/checkpoints/step-00000300
              denju verify student.safetensors
              denju verify --digest runs/a

            --digest prints a SHA-256 over weights and optimiser state. Two runs are bit-identical if \
            and only if their digests are equal. The weights must fit the network and be finite.
            """)

    @Argument(
        help: "A run's folder for its newest checkpoint, a checkpoint, or a .safetensors file.",
        completion: .file())
    var checkpoint: String

    @Flag(name: .long, help: "Print a SHA-256 over weights and optimiser state.")
    var digest = false

    func run() throws {
        try reporting {
            let location = try ModelLocation(checkpoint)
            if case .file = location.kind { return try verifyFile() }
            let place = try location.newestCheckpoint()
            let report = place.store.verify(place.folder)
            // All problems, since several files may have to be restored.
            for problem in report.problems { printMessage("\(problem)") }
            guard report.isGood else { throw ExitCode(2) }
            // Intact bytes may still be no model: a training that diverged stores what it has.
            _ = try StoredModel(place.store.path(of: place.folder))
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

    private func verifyFile() throws {
        let model = try StoredModel(checkpoint)
        let file = try SafetensorsFile(checkpoint)
        if digest {
            print(try file.weights().digest.hex)
        } else {
            print(
                "\(checkpoint): \(file.entries.count) tensors, "
                    + "\(grouped(model.network.parameterCount)) parameters, all good")
        }
    }
}

struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Shows a model's step, data, tensors, shapes, sizes and hashes.",
        discussion: """
            Examples:
              denju inspect runs/a/checkpoints/step-00000300
              denju inspect student.safetensors
            """)

    @Argument(
        help: "A run's folder for its newest checkpoint, a checkpoint, or a .safetensors file.",
        completion: .file())
    var checkpoint: String

    @Flag(name: .long, help: "Print the recipe as well.")
    var recipe = false

    func run() throws {
        try reporting {
            let location = try ModelLocation(checkpoint)
            if case .file = location.kind { return try inspectFile() }
            let place = try location.newestCheckpoint()
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
                Self.show(group.name, group.tensors.map { ($0.entry, $0.sha256) })
            }
            if recipe { print("\n" + state.recipe) }
        }
    }

    private func inspectFile() throws {
        guard !recipe else {
            throw UserError("--recipe is for checkpoints: \(checkpoint) is a file without one.")
        }
        let file = try SafetensorsFile(checkpoint)
        let model = try ModelFile(checkpoint)
        print("\(checkpoint): network \(file.metadata[ModelFile.networkKey] ?? "unknown")")
        if let card = model.card {
            print("data \(try card.json)")
        } else {
            print("The file does not describe its classes and features.")
        }
        Self.show("model", try file.entries.map { ($0, try file.digest(of: $0.name)) })
    }

    private static func show(
        _ group: String, _ tensors: [(entry: SafetensorsEntry, sha256: SHA256)]
    ) {
        var table = TextTable([.init(group), "shape", "bytes", "SHA-256"])
        for (entry, sha256) in tensors {
            table.add([
                entry.name, entry.shape.map(String.init).joined(separator: " x "),
                grouped(entry.range.count), String(sha256.hex.prefix(16)),
            ])
        }
        let numbers = tensors.reduce(0) { $0 + $1.entry.count }
        print("\n\(table)\n\(grouped(numbers)) numbers")
    }
}
