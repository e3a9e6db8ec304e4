import ArgumentParser
import Foundation
import Reporting
import Telemetry
import Training

struct TraceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace",
        abstract: "Writes a trace of a run's last steps for Perfetto and Chrome's tracer.",
        discussion: """
            Examples:
              denju trace runs/a                                  # running or ended
              denju trace --connect tcp://host:5555 --key worker.key --server coordinator.pub

            The trace comes from the running coordinator; otherwise from the run's folder, where it is \
            written with every checkpoint and at the end. Open the file at https://ui.perfetto.dev or \
            chrome://tracing: the coordinator and each worker are a process. A worker's phases end at \
            the moment of its report.
            """)

    @Argument(help: "A run's folder.", completion: .directory)
    var folder: String?

    @Option(
        name: .long, help: "The coordinator's address: tcp://host:port, or file:RUN/address.")
    var connect: String?

    @OptionGroup var query: StatusQueryOptions

    @Option(name: .long, help: "The number of last steps, at most 20.")
    var steps = Trace.mostSteps

    @Option(name: .shortAndLong, help: "The file to write.", completion: .file())
    var output = "trace.json"

    func run() throws {
        try reporting {
            guard (1...Trace.mostSteps).contains(steps) else {
                throw UserError("--steps is \(steps): give 1 to \(Trace.mostSteps).")
            }
            let trace = try readTrace()
            try trace.chromeJSON.write(toFile: output, atomically: true, encoding: .utf8)
            let workers = Set(trace.steps.flatMap { $0.spans.map(\.actor) }).count - 1
            let last = trace.steps.last?.step ?? 0
            printSummary(
                "\(output): \(trace.steps.count) steps up to step \(grouped(last)), the coordinator "
                    + "and \(workers) workers; open it at https://ui.perfetto.dev")
        }
    }

    private func readTrace() throws -> Trace {
        switch (folder, connect) {
        case (nil, let place?): return try requestTrace(place)
        case (let run?, nil):
            let stored = URL(fileURLWithPath: run).appending(path: RunFolder.trace)
            let address = run + "/" + RunFolder.address
            do {
                if FileManager.default.fileExists(atPath: address) {
                    return try requestTrace("file:" + address)
                }
            } catch  where FileManager.default.fileExists(atPath: stored.path) {
                // The coordinator may have been killed, which leaves its address in the folder.
                printMessage("\(error) The trace in the run's folder is used.")
            }
            guard let data = try? Data(contentsOf: stored) else {
                throw UserError(
                    "\(run) has no trace: give the folder of a run with at least one checkpoint."
                )
            }
            do { return Trace(try Trace(chromeJSON: data).steps.suffix(steps)) } catch {
                throw UserError("\(stored.path) is not a trace of a run: remove it.")
            }
        default: throw UserError("Give a run's folder, or --connect, and not both.")
        }
    }

    private func requestTrace(_ place: String) throws -> Trace {
        let trace = Trace(try query.status(at: place, traced: true).recent?.suffix(steps) ?? [])
        guard !trace.steps.isEmpty else {
            throw UserError(
                "The coordinator at \(place) has not completed a step yet: try again later.")
        }
        return trace
    }
}
