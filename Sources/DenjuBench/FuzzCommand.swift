import ArgumentParser
import ClusterTesting
import Foundation
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
              denju-bench fuzz --seed 1 --from 4711 --frames 1 --live 0 --hostile 0

            Message N of a seed is the same on every machine. The decoder must reject each message \
            with an error or reproduce it byte for byte. A real coordinator, over loopback without \
            keys and with CURVE, must continue to serve a sound worker, and its run must end with \
            the same bits as an undisturbed run. A crash, a hang, memory beyond --memory or different \
            bits end the command with status 2, the seed and the message.

            Workers with allowed keys then send wrong shapes, huge claims, numbers that are not \
            finite, requests whose answers they do not read, heartbeats without results and false \
            complaints, or fall silent after a lease. The run must complete its steps with one sound \
            worker, with the same bits and within --memory.
            """)

    @Option(name: .long, help: "Messages for the decoder.")
    var frames = 1_000_000
    @Option(name: .long, help: "Messages for coordinators, half of them with CURVE.")
    var live = 20_000
    @Option(name: .long, help: "Steps of a run with hostile workers.")
    var hostile = 40
    @Option(name: .long, help: "The seed of the damage.")
    var seed: UInt64 = 1
    @Option(name: .long, help: "The number of the first message.")
    var from: UInt64 = 0
    @Option(name: .long, help: "The maximum growth of the process in MiB.")
    var memory = 512
    @Option(name: .long, help: .hidden)
    var journal: String?

    func run() throws {
        try reporting {
            guard frames >= 0, live >= 0, (0...1_000_000).contains(hostile),
                frames + live + hostile > 0, memory > 0,
                from <= UInt64(Int64.max) - UInt64(frames + live)
            else {
                throw UserError(
                    "--frames \(frames) --live \(live) --hostile \(hostile) --from \(from) "
                        + "--memory \(memory): give at least one message or step, and 1 MiB.")
            }
            if let journal {
                try runFuzz(FuzzJournal(journal))
            } else {
                try FuzzJournal.supervise { finding($0, $1) }
            }
        }
    }

    private func finding(_ number: UInt64?, _ outcome: String) -> UserError {
        guard let number else {
            return UserError("Seed \(seed): the process ended before the first message.")
        }
        let frames = (try? DecoderFuzz(seed: seed).frames(number)) ?? []
        let bytes = frames.map { frame in
            frame.prefix(64).map { String(format: "%02x", $0) }.joined()
                + (frame.count > 64 ? "… (\(frame.count) bytes)" : "")
        }
        return UserError(
            "Seed \(seed), message \(number) (for the decoder: \(bytes.joined(separator: " "))) "
                + "\(outcome): reproduce it with denju-bench fuzz --seed \(seed) --from \(number) "
                + "--frames 1 --live 0 --hostile 0 or, if that passes, with --live \(live) --frames 0."
        )
    }

    private func runFuzz(_ journal: FuzzJournal) throws {
        let bar = ProgressDisplay("fuzzing", total: frames + live, unit: "message")
        var done = 0
        func note(_ number: UInt64) {
            journal.record(number)
            done += 1
            // An update per message would take longer than decoding it.
            if done % 512 == 0 { bar.update(done, note: "") }
        }
        var lines: [String] = []
        do throws(FuzzFinding) {
            if frames > 0 { lines.append(try decode(note)) }
        } catch { throw finding(error.number, "\(error)") }
        do {
            for secured in [false, true] where live > 1 { lines.append(try send(secured, note)) }
            if hostile > 0 { lines.append(try besiege(journal)) }
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
            + "still valid; refused: \(refused.joined(separator: ", "))"
    }

    private func send(_ secured: Bool, _ note: (UInt64) -> Void) throws -> String {
        let start = ContinuousClock.now
        let outcome = try LiveFuzz(seed: seed, secured: secured).send(
            from..<from + UInt64(live / 2), memory: memory << 20, progress: note)
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        return "\(secured ? "CURVE" : "open loopback"): \(outcome.frames) damaged messages to a "
            + "coordinator in \(rate(outcome.frames, seconds)), peak memory + "
            + "\(Readable.bytes(outcome.growth)); their sender was admitted \(outcome.admissions) "
            + "times, the sound worker took part in \(outcome.steps) steps, the bits are those of an "
            + "undisturbed run"
    }

    private func besiege(_ journal: FuzzJournal) throws -> String {
        let start = ContinuousClock.now
        let outcome = try HostileTrial(seed: seed).run(
            steps: hostile, memory: memory << 20, progress: { journal.record($0) })
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        return "hostile workers with allowed keys: \(outcome.steps) steps in "
            + "\(Readable.number(seconds)) s with one sound worker; they were admitted "
            + "\(outcome.admissions) times and dropped \(outcome.losses) times, peak memory + "
            + "\(Readable.bytes(outcome.growth)), the bits are those of an undisturbed run"
    }

    private func rate(_ count: Int, _ seconds: Double) -> String {
        "\(Readable.number(seconds)) s (\(Readable.count(Int(Double(count) / max(seconds, 1e-9))))/s)"
    }
}
