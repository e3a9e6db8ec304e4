import ArgumentParser
import Cluster
import Foundation
import Launching
import Reporting
import Telemetry
import ZeroMQ

struct WorkerCommand: ConfigurableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker",
        abstract: "Runs a worker, which receives recipe, teacher and scans from its coordinator.",
        discussion: """
            Example: denju worker --connect tcp://host:5555 --key worker.key --server coordinator.pub

            Scans are read from the recipe's path if it holds the same scans here as at the \
            coordinator. Otherwise they are fetched and cached up to --cache-limit.

            A worker may join and leave at any time; the run's result stays bit-identical. On \
            SIGTERM, SIGHUP or Ctrl-C the worker returns its leases, which are reassigned, and ends.

            \(LaunchSettings.help) --threads from SLURM_CPUS_PER_TASK, --name from RANK, \
            SLURM_ARRAY_TASK_ID, SLURM_PROCID, OMPI_COMM_WORLD_RANK or JOB_COMPLETION_INDEX.

            The exit status is 0 when the run is complete, \(ExitCode.stopped.rawValue) when the \
            worker or its coordinator was stopped before (start it again), 2 when the worker cannot \
            take part.
            """)

    static let settings: [LaunchSetting<WorkerCommand>] = [
        .init("connect") { $0.calling.connect }, .init("threads") { "\($0.threads)" },
        .init("name") { $0.name }, .init("key") { $0.calling.key },
        .init("server") { $0.calling.server }, .init("cache") { $0.calling.cache },
        .init("cache-limit") { $0.calling.cacheLimit },
        .init("patience") { "\($0.calling.patience)" }, .init("pulse") { $0.calling.pulse },
    ]

    @OptionGroup var calling: ConnectionOptions

    @Option(
        name: .long,
        help: "The number of micro-shards computed at the same time, each on one thread.")
    var threads = 1

    @Option(name: .long, help: "The worker's name in records.")
    var name = "worker"

    @Flag(
        name: .long,
        help: """
            Stand by and replace the first worker that is lost. Until then the worker computes \
            nothing, and prepares itself at the lowest priority.
            """)
    var spare = false

    @Flag(
        name: .long,
        help: "Fetch scans from the coordinator even if their files are available here.")
    var stream = false

    @OptionGroup var config: ConfigOptions

    @Flag(name: .long, help: .hidden)
    var managed = false

    func execute() throws {
        try check(threads: threads)
        // A terminal sends Ctrl-C to local workers as well. Their coordinator tells them when to
        // end, and replaces the workers that end otherwise.
        let stop: StopRequest
        if managed {
            obeyManager()
            stop = StopRequest()
        } else {
            stop = .onSignals(consequence: "returning the leases, which are reassigned")
        }
        let manager = ServiceManager(environment: ProcessInfo.processInfo.environment)
        var settings = try calling.settings(
            of: "worker", name: name, security: calling.keys(of: "this worker"), stop: stop,
            manager)
        settings.threads = threads
        settings.isStandby = spare
        settings.streams = stream
        let client = try WorkerClient(settings)
        // Ready before the first connection: the coordinator may start later, and a service manager's
        // start timeout (a minute in cluster/systemd) must not end the worker meanwhile.
        manager.tell(.ready)
        let end = try client.run()
        manager.tell(.stopping)
        printMessage("worker: \(end.isRunOver ? "the run has ended: " : "")\(end.reason)")
        if !end.isRunOver { throw ExitCode.stopped }
    }
}
