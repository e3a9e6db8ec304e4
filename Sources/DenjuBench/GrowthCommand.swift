import ArgumentParser
import Distillation
import Foundation
import Reporting
import Telemetry

struct GrowthCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "growth",
        abstract: "Times steps by points per cloud and clouds per mini-batch.",
        discussion: """
            Examples:
              denju-bench growth
              denju-bench growth --points 20000 --points 80000 --clouds 4

            Each row also shows the cost of relation.dense, which compares the affinities of all \
            pairs of points at linear cost, and of the published form relation.cross-sample, which \
            computes the N x N affinities of a sixteenth of the points.
            """)

    @Option(name: .long, help: "Points per cloud; repeatable.")
    var points: [Int] = [5_000, 20_000, 80_000, 320_000]
    @Option(name: .long, help: "Clouds per mini-batch, of 20,000 points each; repeatable.")
    var clouds: [Int] = [1, 2, 4, 8, 16]
    @Option(name: .long, help: "Worker processes with one thread each.")
    var workers = 2
    @Option(name: .long, help: "Timed steps per run.")
    var steps = 4
    @Option(name: .long, help: "Untimed steps before them.")
    var warmUp = 2
    @Flag(name: .long, help: "Print one JSON object instead of a table.")
    var json = false

    private struct Row: Encodable {
        let points: Int
        let clouds: Int
        let stepS: Double
        let microsecondsPerPoint: Double
        let denseS: Double
        let denseShare: Double
        let sampledS: Double
        let sampledShare: Double
        let maxrssGb: Double
    }

    func run() throws {
        try reporting {
            guard (points + clouds + [workers, steps, warmUp]).allSatisfy({ $0 > 0 }) else {
                throw UserError(
                    "Points, clouds, workers and steps must be 1 or more each.")
            }
            // One cloud per worker while points grow, so that only the size of a cloud differs between rows.
            let sizes = points.map { ($0, workers) } + clouds.map { (20_000, $0) }
            let rows = try sizes.map { try row(points: $0.0, clouds: $0.1) }
            print(json ? try snakeCaseJSON(rows) : table(rows))
        }
    }

    private func row(points: Int, clouds: Int) throws -> Row {
        var shape = TrialShape()
        (shape.points, shape.batch) = (points, clouds)
        (shape.workers, shape.scenes) = (workers, clouds)
        let run = StepReport(
            try StepTrial(shape, steps: steps, warmUp: warmUp, showsProgress: !json))
        // The busiest worker computes its clouds one after another.
        let each = Double((clouds + workers - 1) / workers)
        let cost = try ObjectiveCost(points: points, clouds: clouds)
        let dense = each * (try cost.seconds(of: DenseRelation(), clouds: 1, passes: 5))
        // One pass: at 320,000 points the published form computes 4 x 10⁸ affinities.
        let sampled =
            each
            * (try cost.seconds(
                of: CrossSampleRelation(anchors: max(points / 16, 1)), clouds: 1, passes: 1))
        // Medians: a step during which the machine did something else must not bend the curve.
        let step = run.medians.total
        return Row(
            points: points, clouds: clouds, stepS: step,
            microsecondsPerPoint: 1e6 / run.pointsPerSecond, denseS: dense,
            denseShare: dense / step, sampledS: sampled, sampledShare: sampled / step,
            maxrssGb: run.peakGiB)
    }

    private func table(_ rows: [Row]) -> String {
        var table = TextTable([
            "points", "clouds", "s/step", "µs/point", "dense ms", "of step", "N x N ms",
            "times a step", "GiB a worker",
        ])
        for row in rows {
            table.add([
                grouped(row.points), "\(row.clouds)", String(format: "%.3f", row.stepS),
                String(format: "%.2f", row.microsecondsPerPoint),
                String(format: "%.2f", 1e3 * row.denseS),
                String(format: "%.2f %%", 100 * row.denseShare),
                String(format: "%.1f", 1e3 * row.sampledS),
                String(format: "%.3f", row.sampledShare), String(format: "%.2f", row.maxrssGb),
            ])
        }
        return table.description
    }
}
