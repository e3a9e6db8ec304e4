import ArgumentParser
import ClusterTesting
import Foundation
import Glibc
import Launching
import Reporting
import Telemetry

struct FuzzCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fuzz",
        abstract: "Sends damaged messages to the decoder and to a running coordinator.",
        discussion: """
            Examples:
              denju-bench fuzz --frames 1000000 --live 20000 --seed 1
              denju-bench fuzz --seed 1 --from 4711 --frames 1 --live 0

            Message N of a seed is the same on every machine. The decoder must refuse each in a \
            sentence or write it back byte for byte; a real coordinator, over open loopback and \
            with CURVE, must go on serving a sound worker, and its run must end with the bits of \
            a run that nobody disturbed. A crash, a hang, memory beyond --memory or another bit \
            ends the command with status 2, the seed and the message.
            """)

    @Option(name: .long, help: "Messages for the decoder.")
    var frames = 1_000_000
    @Option(name: .long, help: "Messages for a coordinator, half of them with CURVE.")
    var live = 20_000
    @Option(name: .long, help: "The seed of the damage.")
    var seed: UInt64 = 1
    @Option(name: .long, help: "The first message's number.")
    var from: UInt64 = 0
    @Option(name: .long, help: "MiB the process may grow by.")
    var memory = 512
    @Option(name: .long, help: .hidden)
    var journal: String?

    /// A message that takes longer has hung it.
    private static let patience: TimeInterval = 120

    func run() throws {
        try reporting {
            guard frames >= 0, live >= 0, frames + live > 0, memory > 0,
                from <= UInt64(Int64.max) - UInt64(frames + live)
            else {
                throw UserError(
                    "--frames \(frames) --live \(live) --from \(from) --memory \(memory): give one "
                        + "message or more, and 1 MiB or more.")
            }
            if let journal { try shell(FuzzJournal(journal)) } else { try watch() }
        }
    }

    /// Has another process do it, so that whatever befalls it can be told.
    private func watch() throws {
        let path = FileManager.default.temporaryDirectory.appending(
            path: "denju-fuzz-" + UUID().uuidString
        ).path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let process = Process.denju(CommandLine.arguments.dropFirst() + ["--journal", path])
        try process.run()
        var last = (at: Date(), number: UInt64?.none)
        while process.isRunning {
            Thread.sleep(forTimeInterval: 0.1)
            let number = FuzzJournal.number(in: path)
            if number != last.number { last = (Date(), number) }
            guard -last.at.timeIntervalSinceNow > Self.patience else { continue }
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            throw finding(last.number, "hung it for \(Int(Self.patience)) s")
        }
        process.waitUntilExit()
        guard process.terminationReason == .exit else {
            throw finding(
                FuzzJournal.number(in: path), "crashed it (signal \(process.terminationStatus))")
        }
        guard process.terminationStatus == 0 else { throw ExitCode(process.terminationStatus) }
    }

    private func finding(_ number: UInt64?, _ what: String) -> UserError {
        guard let number else { return UserError("Seed \(seed): nothing was sent, and it ended.") }
        let frames = (try? DecoderFuzz(seed: seed).frames(number)) ?? []
        let bytes = frames.map { frame in
            frame.prefix(64).map { String(format: "%02x", $0) }.joined()
                + (frame.count > 64 ? "… (\(frame.count) bytes)" : "")
        }
        return UserError(
            "Seed \(seed), message \(number) (for the decoder: \(bytes.joined(separator: " "))) "
                + "\(what): denju-bench fuzz --seed \(seed) --from \(number) --frames 1 --live 0, "
                + "or, if that passes, --live \(live) --frames 0, shows it again.")
    }

    private func shell(_ journal: FuzzJournal) throws {
        let bar = ProgressDisplay("fuzzing", total: frames + live, unit: "message")
        var done = 0
        func note(_ number: UInt64) {
            journal.put(number)
            done += 1
            if done % 512 == 0 { bar.update(done, note: "") }
        }
        var lines: [String] = []
        do throws(FuzzFinding) {
            if frames > 0 { lines.append(try decode(note)) }
        } catch { throw finding(error.number, "\(error)") }
        do {
            for secured in [false, true] where live > 1 { lines.append(try send(secured, note)) }
        } catch let error as FuzzFinding { throw UserError("Seed \(seed): \(error).") }
        bar.update(frames + live, note: "")
        bar.finish()
        print(lines.joined(separator: "\n"))
    }

    private func decode(_ note: (UInt64) -> Void) throws(FuzzFinding) -> String {
        guard var fuzz = try? DecoderFuzz(seed: seed) else { return "" }
        let before = MemoryUse.ofThisProcess(buffers: 0).peakBytes
        let start = ContinuousClock.now
        try fuzz.read(from..<from + UInt64(frames), memory: memory << 20, progress: note)
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let growth = MemoryUse.ofThisProcess(buffers: 0).peakBytes - before
        let refused = fuzz.tally.refused.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            .map { "\($0.key) \(Readable.count($0.value))" }
        return
            "decoder: \(fuzz.tally.frames) damaged messages in \(rate(fuzz.tally.frames, seconds)), "
            + "peak memory + \(Readable.bytes(growth)); \(Readable.count(fuzz.tally.accepted)) were "
            + "messages after all; refused: \(refused.joined(separator: ", "))"
    }

    private func send(_ secured: Bool, _ note: (UInt64) -> Void) throws -> String {
        let start = ContinuousClock.now
        let outcome = try LiveFuzz(seed: seed, secured: secured).send(
            from..<from + UInt64(live / 2), memory: memory << 20, progress: note)
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        return "\(secured ? "CURVE" : "open loopback"): \(outcome.frames) damaged messages to a "
            + "coordinator in \(rate(outcome.frames, seconds)), peak memory + "
            + "\(Readable.bytes(outcome.growth)); their peer was admitted \(outcome.admissions) "
            + "times, the sound worker served for \(outcome.steps) steps, the bits are the "
            + "undisturbed run's"
    }

    private func rate(_ count: Int, _ seconds: Double) -> String {
        "\(Readable.number(seconds)) s (\(Readable.count(Int(Double(count) / max(seconds, 1e-9))))/s)"
    }
}

/// Where the shelled process puts down which message comes next, for whoever finds it dead.
private struct FuzzJournal {
    private let file: Int32

    init(_ path: String) throws {
        file = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw UserError("\(path) cannot be written.") }
    }

    func put(_ number: UInt64) {
        unsafe withUnsafeBytes(of: number.littleEndian) { bytes in
            _ = unsafe pwrite(file, bytes.baseAddress, bytes.count, 0)
        }
    }

    static func number(in path: String) -> UInt64? {
        guard let data = FileManager.default.contents(atPath: path), data.count == 8 else {
            return nil
        }
        return data.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
