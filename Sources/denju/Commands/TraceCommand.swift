import ArgumentParser
import Foundation
import Reporting
import Telemetry
import Training

struct TraceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace",
        abstract: "Writes what every process did in a run's last steps, for Chrome's tracer.",
        discussion: """
            Examples:
              denju trace runs/a                                  # goes on or is done
              denju trace --connect tcp://host:5555 --key worker.key --server coordinator.pub

            A running coordinator is asked; otherwise it is what the run has left in its folder, with \
            its last checkpoint and at its end. Open the file at https://ui.perfetto.dev or \
            chrome://tracing: a process for the coordinator and for each worker. Of workers it is \
            what they say each part of their work took, up to when they said it.
            """)

    @Argument(help: "A run's folder.", completion: .directory)
    var folder: String?

    @Option(
        name: .long, help: "Where a coordinator listens: tcp://host:port, or file:RUN/address.")
    var connect: String?

    @OptionGroup var asking: StatusQueryOptions

    @Option(name: .long, help: "How many of the last steps, 20 at the most.")
    var steps = Trace.mostSteps

    @Option(name: .shortAndLong, help: "The file to write.", completion: .file())
    var output = "trace.json"

    func run() throws {
        try reporting {
            guard (1...Trace.mostSteps).contains(steps) else {
                throw UserError("--steps is \(steps): give 1 to \(Trace.mostSteps).")
            }
            let trace = try found()
            try trace.chromeJSON.write(toFile: output, atomically: true, encoding: .utf8)
            let workers = Set(trace.steps.flatMap { $0.spans.map(\.actor) }).count - 1
            let last = trace.steps.last?.step ?? 0
            print(
                "\(output): \(trace.steps.count) steps up to step \(grouped(last)), the coordinator "
                    + "and \(workers) workers; open it at https://ui.perfetto.dev")
        }
    }

    private func found() throws -> Trace {
        switch (folder, connect) {
        case (nil, let place?): return try asked(place)
        case (let run?, nil):
            let kept = URL(fileURLWithPath: run).appending(path: RunFolder.trace)
            let address = run + "/" + RunFolder.address
            do {
                if FileManager.default.fileExists(atPath: address) {
                    return try asked("file:" + address)
                }
            } catch  where FileManager.default.fileExists(atPath: kept.path) {
                printMessage("\(error) What the run has left is shown.")
            }
            guard let data = try? Data(contentsOf: kept) else {
                throw UserError(
                    "\(run) has no trace: give a run's folder; one has it from its first checkpoint."
                )
            }
            do { return Trace(try Trace(chromeJSON: data).steps.suffix(steps)) } catch {
                throw UserError("\(kept.path) is no trace of a run: remove it.")
            }
        default: throw UserError("Give a run's folder, or --connect, and not both.")
        }
    }

    private func asked(_ place: String) throws -> Trace {
        let trace = Trace(try asking.ask(place, traced: true).recent?.suffix(steps) ?? [])
        guard !trace.steps.isEmpty else {
            throw UserError("The coordinator at \(place) has not done a step yet: ask again later.")
        }
        return trace
    }
}
