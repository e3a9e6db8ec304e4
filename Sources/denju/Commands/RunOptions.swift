import ArgumentParser
import Cluster
import Foundation
import Reporting
import Training
import ZeroMQ

/// What `train` and `coordinator` have in common.
struct RunOptions: ParsableArguments {
    @Option(
        name: .long, help: "The run's folder: checkpoints, records, address.",
        completion: .directory)
    var run: String

    @Flag(name: .long, help: "Go on where the run's newest good checkpoint ends.")
    var resume = false

    @Flag(name: .long, help: "Resume although the recipe differs from the one the run began with.")
    var allowRecipeChange = false

    @Option(
        name: .long,
        help: "Seconds of silence after which a peer is taken for dead; other deadlines follow it.")
    var heartbeatTimeout = 5.0

    @Option(
        name: .long, help: "Stop after this step, with a checkpoint; the recipe's schedule stays.")
    var stopAfter: Int?

    @Option(
        name: .long,
        help:
            "What becomes of workers that compute other bits: exact refuses them, warn names them.")
    var numerics = NumericsPolicy.exact

    @Option(
        name: .long,
        help:
            "Show the run at [host:]port while it goes on: a page, /metrics, /healthz, /readyz; 0 takes a free port."
    )
    var monitor: String?

    @Flag(name: .long, help: "Also write event files for TensorBoard, in the run's folder.")
    var tensorboard = false

    /// Who tells the run's story.
    func reporter(of recipe: Recipe) throws -> RunReporter {
        RunReporter(
            recipe, folder: run,
            monitor: try monitor.map { try RunMonitor($0, run: run, recipe: recipe) },
            board: tensorboard ? TensorBoardWriter(run: run) : nil)
    }

    func settings(endpoint: Endpoint, minimumWorkers: Int) throws -> CoordinatorSettings {
        guard heartbeatTimeout >= 0.2, heartbeatTimeout <= 3600 else {
            throw UserError("--heartbeat-timeout is \(heartbeatTimeout): give 0.2 to 3600 seconds.")
        }
        if let stopAfter, stopAfter < 1 {
            throw UserError("--stop-after is \(stopAfter): give 1 or more.")
        }
        guard (1...4096).contains(minimumWorkers) else {
            throw UserError("--minimum-workers is \(minimumWorkers): give 1 to 4096.")
        }
        return CoordinatorSettings(
            endpoint: endpoint, folder: run, resume: resume, allowRecipeChange: allowRecipeChange,
            minimumWorkers: minimumWorkers, heartbeatTimeout: .seconds(heartbeatTimeout),
            admitsOtherNumerics: numerics == .warn, stopAfter: stopAfter)
    }
}

enum NumericsPolicy: String, ExpressibleByArgument, CaseIterable {
    case exact, warn
}
