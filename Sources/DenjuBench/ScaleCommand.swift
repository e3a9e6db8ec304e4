import ArgumentParser
import Foundation
import Reporting
import Telemetry

struct ScaleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scale",
        abstract: "Times steps by number of workers and threads.",
        discussion: """
            Examples:
              denju-bench scale
              denju-bench scale 1x1 2x1 4x1 --rounds 3

            2x1 stands for two worker processes with one thread each. The shapes alternate in every \
            round, so that changes of the machine's speed affect all of them. A figure is the median \
            over the rounds of each round's median step.
            """)

    @Argument(help: "Workers x threads.")
    var shapes = ["1x1", "2x1", "1x2"]
    @Option(name: .long, help: "Runs of each shape.")
    var rounds = 1
    @Option(name: .long, help: "Timed steps per run.")
    var steps = 8
    @Option(name: .long, help: "Untimed steps before them.")
    var warmUp = 3
    @Option(name: .long, help: "Points per cloud.")
    var points = 20_000
    @Option(name: .long, help: "Clouds per mini-batch.")
    var batch = 4
    @Flag(name: .long, help: "Print one JSON object instead of a table.")
    var json = false

    private struct Row: Encodable {
        let workers: Int
        let threads: Int
        /// The median step of each round, in seconds.
        let roundS: [Double]
        let stepS: Double
        let stepsPerS: Double
        /// Steps per second relative to the first shape.
        let timesFirst: Double
        /// The largest exchange time of a round's median step.
        let exchangeS: Double
        let maxrssGb: Double
        let blasCore: String
        let kernelWidth: Int
    }

    func run() throws {
        try reporting {
            guard rounds > 0, steps > 0, warmUp > 0, points > 0, batch > 0 else {
                throw UserError(
                    "--rounds \(rounds) --steps \(steps) --warm-up \(warmUp) --points \(points) "
                        + "--batch \(batch): give 1 or more of each.")
            }
            let wanted = try shapes.map(shape)
            var reports = [[StepReport]](repeating: [], count: wanted.count)
            // The shapes alternate, so that changes of the machine's speed affect all of them.
            for _ in 0..<rounds {
                for (place, shape) in wanted.enumerated() {
                    let run = try StepTrial(
                        shape, steps: steps, warmUp: warmUp, showsProgress: !json)
                    reports[place].append(StepReport(run))
                }
            }
            // Ratios refer to the first shape, whose runs lie between those of the others in time.
            let first = reports[0].map(\.medians.total).median
            let rows = zip(wanted, reports).map { shape, reports in
                let medians = reports.map(\.medians.total)
                return Row(
                    workers: shape.workers, threads: shape.threads, roundS: medians,
                    stepS: medians.median, stepsPerS: 1 / medians.median,
                    timesFirst: first / medians.median,
                    exchangeS: reports.map(\.medians.exchange).max() ?? 0,
                    maxrssGb: reports.map(\.peakGiB).max() ?? 0, blasCore: reports[0].blasCore,
                    kernelWidth: reports[0].kernelWidth)
            }
            print(json ? try snakeCaseJSON(rows) : table(rows))
        }
    }

    /// The shape that a text such as `2x1` describes.
    private func shape(_ text: String) throws -> TrialShape {
        let numbers = text.split(separator: "x").compactMap { Int($0) }
        guard numbers.count == 2, numbers.allSatisfy({ (1...256).contains($0) }) else {
            throw UserError("'\(text)' is not workers x threads: give 2x1, for example.")
        }
        var shape = TrialShape()
        (shape.workers, shape.threads) = (numbers[0], numbers[1])
        (shape.points, shape.batch, shape.scenes) = (points, batch, 2 * batch)
        return shape
    }

    private func table(_ rows: [Row]) -> String {
        var table = TextTable([
            "workers", "threads", "s/step", "steps/s", "times first", "exchange", "GiB a worker",
        ])
        for row in rows {
            table.add([
                "\(row.workers)", "\(row.threads)", String(format: "%.3f", row.stepS),
                String(format: "%.3f", row.stepsPerS), String(format: "%.2f", row.timesFirst),
                String(format: "%.1f %%", 100 * row.exchangeS / row.stepS),
                String(format: "%.2f", row.maxrssGb),
            ])
        }
        return "OpenBLAS core \(rows[0].blasCore), kernels v\(rows[0].kernelWidth)\n" + "\(table)"
    }
}
