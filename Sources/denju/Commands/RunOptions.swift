import ArgumentParser
import Cluster
import Foundation
import Launching
import Reporting
import Training
import ZeroMQ

/// The options of `train` and `coordinator`.
struct RunOptions: ParsableArguments {
    @Option(
        name: .long, help: "The run's folder, for checkpoints, records and the address.",
        completion: .directory)
    var run: String

    @Flag(name: .long, help: "Continue from the newest intact checkpoint of the run.")
    var resume = false

    @Flag(name: .long, help: "Resume with a recipe that differs from the run's.")
    var allowRecipeChange = false

    @Option(
        name: .long,
        help:
            "Seconds without a message after which a peer is lost; other deadlines derive from it.")
    var heartbeatTimeout = 5.0

    @Option(
        name: .long,
        help: "Stop after this step with a checkpoint; the recipe's schedule is unchanged.")
    var stopAfter: Int?

    @Option(
        name: .long,
        help:
            "The policy for workers that compute other bits: exact rejects them, warn admits them with a warning."
    )
    var numerics = NumericsPolicy.exact

    @Option(
        name: .long,
        help:
            "Serve a live page, /metrics, /healthz and /readyz at [host:]port, an IPv6 host in brackets; port 0 selects a free one."
    )
    var monitor: String?

    @Flag(name: .long, help: "Write event files for TensorBoard to the run's folder.")
    var tensorboard = false

    /// The reporter of the run.
    func reporter(of recipe: Recipe) throws -> RunReporter {
        RunReporter(
            recipe, folder: run,
            monitor: try monitor.map { try RunMonitor($0, run: run, recipe: recipe) },
            board: tensorboard ? TensorBoardWriter(run: run) : nil)
    }

    /// The coordinator's settings.
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
