import ArgumentParser
import Foundation
import Reporting
import Telemetry

struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Shows the progress and the workers of a running coordinator.",
        discussion: """
            Examples:
              denju status --connect file:runs/a/address
              denju status --connect tcp://host:5555 --key worker.key --server coordinator.pub
            """)

    @Option(
        name: .long, help: "Where the coordinator listens: tcp://host:port, or file:RUN/address.")
    var connect: String

    @OptionGroup var query: StatusQueryOptions

    @Flag(name: .long, help: "Print one JSON object instead of text.")
    var json = false

    func run() throws {
        try reporting {
            let status = try query.status(at: connect)
            print(json ? try snakeCaseJSON(status) : status.text, terminator: json ? "\n" : "")
        }
    }
}

extension RunStatus {
    /// The status as text.
    var text: String {
        let share = steps > 0 ? step * 100 / steps : 0
        var summary = [
            "\(stage.rawValue)", "step \(grouped(step)) of \(grouped(steps)) (\(share) %)",
        ]
        if let secondsAStep {
            summary.append(Readable.rate(1 / max(secondsAStep, 1e-9), of: "steps", each: "step"))
        }
        if let remaining, remaining > 0 {
            summary.append("\(Readable.duration(seconds: remaining)) left")
        }
        var lines = [summary.joined(separator: ", ")]
        if let loss {
            let parts = terms.sorted { $0.key < $1.key }.map {
                "\($0.key) \(Readable.number($0.value))"
            }
            lines.append("loss \(Readable.number(loss)): \(parts.joined(separator: ", "))")
        }
        if missing > 0 { lines.append("waiting for \(missing) more workers") }
        if let slowest {
            lines.append(
                "slowest: \(slowest.name); steps have waited for it "
                    + "\(Readable.duration(seconds: slowest.cost)) longer than for the median worker"
            )
        }
        // A coordinator without workers has no table to print.
        guard !workers.isEmpty else { return lines.joined(separator: "\n") + "\n" }
        var table = TextTable(["worker", "now", "threads", "work per step", "cost", "last message"])
        for worker in workers {
            table.add([
                worker.name,
                worker.state,
                "\(worker.threads)", Readable.duration(seconds: worker.work),
                Readable.duration(seconds: worker.cost), Readable.duration(seconds: worker.silence),
            ])
        }
        return lines.joined(separator: "\n") + "\n\n\(table)"
    }
}
