import Addresses
import ArgumentParser
import Cluster
import Foundation
import Launching
import Reporting
import Telemetry
import Training
import ZeroMQ

struct CoordinatorCommand: ConfigurableCommand {
    static let configuration = CommandConfiguration(
        commandName: "coordinator",
        abstract:
            "Runs a coordinator: leases micro-shards to workers, updates weights, writes checkpoints.",
        discussion: """
            Example, on the coordinator's machine and on each worker's machine:
              denju coordinator --recipe distil.yaml --run runs/a --bind 'tcp://*:5555' \
            --key coordinator.key --workers keys/
              denju worker --connect tcp://host:5555 --key worker.key --server coordinator.pub

            Keys may be added to and removed from the --workers folder during the run: the folder \
            is read with every heartbeat, and immediately on SIGHUP.

            Ctrl-C, SIGTERM, SIGUSR1 or, without --workers, a closed terminal (SIGHUP) finishes the \
            current step, writes a checkpoint and ends the process. --resume continues from the newest checkpoint, or starts if there is none.

            \(LaunchSettings.help) --advertise from MASTER_ADDR or SLURMD_NODENAME.

            The exit status is 0 when the run is complete, \(ExitCode.stopped.rawValue) when it was \
            stopped before, \(ExitCode.diverged.rawValue) when the training has diverged, 2 when it \
            cannot continue for another reason.
            """)

    static let settings: [LaunchSetting<CoordinatorCommand>] = [
        .init("recipe") { $0.recipe.recipe }, .init("steps") { $0.recipe.steps.map { "\($0)" } },
        .init("seed") { $0.recipe.seed.map { "\($0)" } }, .init("run") { $0.options.run },
        .init("heartbeat-timeout") { "\($0.options.heartbeatTimeout)" },
        .init("stop-after") { $0.options.stopAfter.map { "\($0)" } },
        .init("numerics") { $0.options.numerics.rawValue },
        .init("bind") { $0.bind }, .init("advertise") { $0.advertise }, .init("key") { $0.key },
        .init("workers") { $0.workers }, .init("patience") { "\($0.patience)" },
        .init("minimum-workers") { "\($0.minimumWorkers)" },
        .init("monitor") { $0.options.monitor },
    ]

    @OptionGroup var recipe: RecipeOptions
    @OptionGroup var options: RunOptions

    @Option(
        name: .long,
        help:
            "The address to listen at: tcp://host:port, tcp://[ipv6]:port, or * for all interfaces; port * selects a free one. The run's folder holds the result."
    )
    // Only loopback is safe without keys.
    var bind = "tcp://127.0.0.1:*"

    @Option(
        name: .long,
        help:
            "The host written to the run's folder for workers; by default --bind's, or this machine's name."
    )
    var advertise: String?

    @Option(
        name: .long, help: "The coordinator's secret key file, made by `denju keys`.",
        completion: .file())
    var key: String?

    @Option(
        name: .long, help: "A folder with the public keys (*.pub) of the workers that may join.",
        completion: .directory)
    var workers: String?

    @Option(
        name: .long, help: "Seconds without enough workers after which the run ends.")
    var patience = 3600.0

    @Flag(name: .long, help: "Allow connections from other machines without keys.")
    var insecure = false

    @Option(name: .long, help: "The number of workers required for the first step.")
    var minimumWorkers = 1

    @OptionGroup var config: ConfigOptions

    func execute() throws {
        var settings = try options.settings(
            endpoint: try Endpoint(bind), minimumWorkers: minimumWorkers)
        settings.listener.insecure = insecure
        if let advertise {
            // `*` is a valid address to listen at, but workers cannot connect to it.
            guard case .tcp(let host, _)? = try? Endpoint("tcp://\(advertise.inBrackets):1"),
                host != "*"
            else {
                throw UserError(
                    "--advertise is '\(advertise)': give this machine's name or address.")
            }
            settings.advertise = host
        }
        guard patience >= 1, patience <= 1e9 else {
            throw UserError("--patience is \(patience): give 1 second or more.")
        }
        settings.workerTimeout = .seconds(patience)
        switch (key, workers) {
        case (let key?, let workers?):
            try settings.listener.admit(workers, key: key)
        case (nil, nil): break
        default:
            throw UserError(
                "--key and --workers are given together: the coordinator's secret key and the "
                    + "folder of the workers' public keys.")
        }
        let parsed = try recipe.read()
        let stop = StopRequest.onSignals(hangUpReloads: workers != nil)
        let reporter = try options.reporter(of: parsed)
        let liveness = LivenessFile(parsed, folder: options.run)
        let server = try CoordinatorServer(parsed, settings, stop: stop) { event in
            reporter.record(event)
            liveness.record(event)
        }
        // A file that stays behind gets old, which a probe takes for a hanging run.
        defer { liveness.end() }
        reporter.finish(try server.serve())
        if server.wasStopped { throw ExitCode.stopped }
    }
}
