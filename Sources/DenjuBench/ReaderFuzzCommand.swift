import ArgumentParser
import DatasetTesting
import Foundation
import Launching
import Reporting
import Telemetry

struct ReaderFuzzCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "readers",
        abstract: "Has the readers and writers of scans and labels take damaged files.",
        discussion: """
            Examples:
              denju-bench readers --inputs 100000 --seed 1
              denju-bench readers --format .laz --seed 1 --from 4711 --inputs 1

            File N of a format and a seed is the same on every machine: truncated, with flipped bits, \
            with edited headers, or mixed with files of other formats. Each must be rejected in one \
            sentence or read to a sound cloud whose predictions are read back as they were written. A \
            crash, a hang, memory beyond --memory or any other outcome ends the command with status \
            2, the seed and the file.
            """)

    @Option(name: .long, help: "Damaged files per format.")
    var inputs = 100_000
    @Option(
        name: .long,
        help: "A format by its suffix; repeatable. Default: all.")
    var format: [String] = []
    @Option(name: .long, help: "The folder of valid files.", completion: .file())
    var samples = "Tests/FormatsTests/Fixtures"
    @Option(name: .long, help: "The seed of the damage.")
    var seed: UInt64 = 1
    @Option(name: .long, help: "The number of the first file.")
    var from: UInt64 = 0
    @Option(
        name: .long, help: "Write the file of --format and --from here instead of reading it.",
        completion: .file())
    var write: String?
    @Option(name: .long, help: "The maximum growth of the process in MiB.")
    var memory = 512
    @Option(name: .long, help: .hidden)
    var journal: String?

    // The journal's number holds the format above the file's number.
    private static let formatShift: UInt64 = 40

    func run() throws {
        try reporting {
            let known = ReaderFuzz.formats
            if let unknown = format.first(where: { !known.contains($0) }) {
                throw UserError(
                    "--format is \(unknown): give one of \(known.joined(separator: ", ")).")
            }
            guard inputs > 0, memory > 0, from < 1 << Self.formatShift - UInt64(inputs) else {
                throw UserError(
                    "--inputs \(inputs) --from \(from) --memory \(memory): give at least one file "
                        + "and 1 MiB.")
            }
            if let write {
                guard format.count == 1 else { throw UserError("--write needs one --format.") }
                let fuzz = try ReaderFuzz(
                    seed: seed, format: format[0], samples: samples, scratch: "")
                try Data(fuzz.file(from).bytes).write(to: URL(fileURLWithPath: write))
                return
            }
            if let journal {
                let journal = try FuzzJournal(journal)
                try withTemporaryFolder { try runFuzz(journal, in: $0) }
            } else {
                try FuzzJournal.supervise { number, outcome in
                    guard let number else {
                        return UserError(
                            "Seed \(seed): the process ended before the first file.")
                    }
                    let format = known[Int(number >> Self.formatShift)]
                    let file = number & (1 << Self.formatShift - 1)
                    return finding("file \(file) of *\(format) \(outcome)", format, file)
                }
            }
        }
    }

    private func finding(_ what: String, _ format: String, _ file: UInt64) -> UserError {
        UserError(
            "Seed \(seed), \(what): reproduce it with denju-bench readers --seed \(seed) --format "
                + "\(format) --from \(file) --inputs 1.")
    }

    private func runFuzz(_ journal: FuzzJournal, in scratch: String) throws {
        let known = ReaderFuzz.formats
        let chosen = known.indices.filter { format.isEmpty || format.contains(known[$0]) }
        let bar = ProgressDisplay("fuzzing", total: chosen.count * inputs, unit: "file")
        let before = MemoryUse.ofThisProcess(buffers: 0).peakBytes
        var lines: [String] = []
        var done = 0
        for place in chosen {
            let start = ContinuousClock.now
            var fuzz = try ReaderFuzz(
                seed: seed, format: known[place], samples: samples, scratch: scratch)
            for number in from..<from + UInt64(inputs) {
                journal.record(UInt64(place) << Self.formatShift | number)
                do throws(ReaderFinding) { try fuzz.read(number) } catch {
                    throw finding("\(error)", known[place], number)
                }
                done += 1
                guard done % 64 == 0 else { continue }
                bar.update(done, note: known[place])
                let growth = MemoryUse.ofThisProcess(buffers: 0).peakBytes - before
                guard growth <= memory << 20 else {
                    throw finding(
                        "file \(number) of *\(known[place]) or one shortly before it took "
                            + "\(growth >> 20) MiB", known[place], number)
                }
            }
            let tally = fuzz.tally
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            lines.append(
                "\(known[place]): \(tally.files) damaged files in \(Readable.number(seconds)) s; "
                    + "\(tally.scans) read as scans, \(tally.labels) as labels, "
                    + "\(tally.predictions) predictions read back; the slowest took "
                    + "\(Readable.number(tally.slowest.time / .milliseconds(1))) ms "
                    + "(file \(tally.slowest.number))")
        }
        bar.update(done, note: "")
        bar.finish()
        let growth = MemoryUse.ofThisProcess(buffers: 0).peakBytes - before
        print((lines + ["peak memory + \(Readable.bytes(growth))"]).joined(separator: "\n"))
    }
}
