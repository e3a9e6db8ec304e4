import ArgumentParser
import DatasetTesting
import Datasets
import Formats
import Foundation
import Launching
import Reporting
import Telemetry
import Tensors
import Training

struct CommandFuzzCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "commands",
        abstract: "Gives damaged files to every command that accepts files.",
        discussion: """
            Examples:
              denju-bench commands --inputs 100000 --seed 1
              denju-bench commands --seed 1 --from 4711 --inputs 1

            Input N of a seed is the same on every machine: a command and a file for it that is \
            truncated, has flipped bits or an edited header, or is mixed with files of other kinds. \
            The command must end within --limit seconds with status 0 or 3, or with status 2 and \
            sentences. A command that succeeds must have written what can be read; one that fails \
            must have written nothing. Anything else ends the trial with status 2 and the input.
            """)

    @Option(name: .long, help: "Damaged files.")
    var inputs = 100_000
    @Option(name: .long, help: "The folder of valid scans.", completion: .file())
    var samples = "Tests/FormatsTests/Fixtures"
    @Option(name: .long, help: "A .pth file of a public network.", completion: .file())
    var checkpoint = "Tests/InterchangeTests/Fixtures/plain.pth"
    @Option(name: .long, help: "The seed of the damage.")
    var seed: UInt64 = 1
    @Option(name: .long, help: "The number of the first input.")
    var from: UInt64 = 0
    @Option(name: .long, help: "Seconds after which a command counts as hung.")
    var limit = 60.0
    @Option(name: .long, help: "Threads, one command each.")
    var threads = 1

    func run() throws {
        try reporting {
            try check(threads: threads)
            guard inputs > 0, limit > 0, from <= UInt64(Int64.max) - UInt64(inputs) else {
                throw UserError("--inputs \(inputs) --limit \(limit): give numbers above 0.")
            }
            let outcomes = try withTemporaryFolder(outcomes)
            var counts: [Int32: Int] = [:]
            for outcome in outcomes { counts[outcome, default: 0] += 1 }
            print(
                "\(outcomes.count) damaged inputs: "
                    + counts.sorted { $0.key < $1.key }.map { "\($0.value) with status \($0.key)" }
                    .joined(separator: ", "))
        }
    }

    /// The statuses of the commands; throws the first finding.
    private func outcomes(in scratch: String) throws -> [Int32] {
        let fuzz = try CommandFuzz(
            seed: seed, limit: limit, scratch: scratch, scans: samples, checkpoint: checkpoint)
        let progress = ProgressDisplay("commands", total: inputs, unit: "input")
        let outcomes = try parallel(inputs, threads: threads) { [from, seed] place in
            let number = from + UInt64(place)
            do {
                let outcome = try fuzz.run(number)
                progress.advance()
                return outcome
            } catch {
                throw UserError(
                    "Seed \(seed), input \(number): \(error); reproduce it with denju-bench "
                        + "commands --seed \(seed) --from \(number) --inputs 1.")
            }
        }
        progress.finish()
        return outcomes
    }
}

/// Damaged files for commands, and the check of what becomes of them.
struct CommandFuzz: Sendable {
    private let seed: UInt64
    private let limit: Double
    private let scratch: String
    private let program: URL
    private let mutators: [FileMutator]

    /// Something that a command must not do.
    struct Finding: Error, CustomStringConvertible {
        let description: String
    }

    init(seed: UInt64, limit: Double, scratch: String, scans: String, checkpoint: String) throws {
        self.seed = seed
        self.limit = limit
        self.scratch = scratch
        program = try Executable.beside("denju")
        let corpus = try CommandCorpus(
            in: scratch + "/valid", scans: scans, checkpoint: checkpoint)
        let names = Set(CommandCorpus.trials.map(\.file)).sorted()
        let files = try names.map { name in
            FileMutator.Sample(
                name: name,
                bytes: Array(try Data(contentsOf: URL(filePath: corpus.folder + "/" + name))))
        }
        mutators = CommandCorpus.trials.map { trial in
            FileMutator(
                seed: seed, own: files.filter { $0.name == trial.file },
                others: files.filter { $0.name != trial.file })
        }
    }

    /// Runs a command with a damaged file; returns its status.
    func run(_ number: UInt64) throws -> Int32 {
        let place = Int(number % UInt64(CommandCorpus.trials.count))
        let trial = CommandCorpus.trials[place]
        let damaged = mutators[place].damaged(number)
        // A folder for each input, so that inputs can be tried at the same time.
        let folder = scratch + "/\(number)"
        try FileManager.default.copyItem(atPath: scratch + "/valid", toPath: folder)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let name = "damaged-" + trial.file
        try Data(damaged.bytes).write(to: URL(filePath: folder + "/" + name))
        let arguments = trial.arguments.map { $0 == "FILE" ? name : $0 }
        let (status, text) = try ended(arguments, in: folder)
        func finding(_ what: String) -> Finding {
            Finding(description: "denju \(arguments.joined(separator: " ")) \(what): \(text)")
        }
        guard [0, 2, 3].contains(status) else { throw finding("ended with status \(status)") }
        let bad = ["Fatal error", "Error Domain", "Optional(", "NSCocoa", "Error("]
        if let word = bad.first(where: text.contains) { throw finding("said '\(word)'") }
        if status != 0, !text.contains("denju: "), !text.contains("Cannot be used:") {
            throw finding("gave no reason")
        }
        if let output = trial.output {
            do {
                try check(folder + "/" + output, of: folder + "/" + name, status)
            } catch { throw finding("\(error)") }
        }
        return status
    }

    /// Checks what a command has written.
    private func check(_ output: String, of input: String, _ status: Int32) throws {
        let exists = FileManager.default.fileExists(atPath: output)
        guard status == 0 else {
            // A folder for predictions may be made before the scan is found unusable.
            let left = try? FileManager.default.contentsOfDirectory(atPath: output)
            guard !exists || left == [] else { throw Finding(description: "left \(output)") }
            return
        }
        if output.hasSuffix(".safetensors") {
            _ = try StoredModel(output)
            return
        }
        let scan = input.hasSuffix(".safetensors") ? scratch + "/valid/scan.bin" : input
        var settings = DataSettings(source: "bin")
        settings.channels = []
        // The label of each point is the least that predictions must have.
        let points = try NamedScans([scan], like: settings).read(0).records
        let files = (try? FileManager.default.contentsOfDirectory(atPath: output)) ?? []
        guard points > 0 else { return }
        let numbers = files.compactMap { try? PredictionFile.read(output + "/" + $0) }
        guard numbers.contains(where: { $0.count == points }) else {
            throw Finding(
                description: "wrote \(files) for \(points) points, which cannot be read back")
        }
    }

    /// Runs a command; returns its status and what it printed.
    private func ended(
        _ arguments: [String], in folder: String
    ) throws -> (status: Int32, text: String) {
        let log = folder + "/log"
        let process = Process.denju(arguments, executable: program, log: log)
        process.currentDirectoryURL = URL(filePath: folder)
        try process.begin()
        let deadline = Date().addingTimeInterval(limit)
        while process.isRunning {
            guard Date() < deadline else {
                kill(process.processIdentifier, SIGKILL)
                process.waitUntilExit()
                throw Finding(
                    description: "denju \(arguments.joined(separator: " ")) did not end")
            }
            Thread.sleep(forTimeInterval: 0.002)
        }
        process.waitUntilExit()
        let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
        guard process.terminationReason == .exit else {
            throw Finding(
                description: "denju \(arguments.joined(separator: " ")) ended by signal "
                    + "\(process.terminationStatus): \(text)")
        }
        return (process.terminationStatus, text)
    }
}
