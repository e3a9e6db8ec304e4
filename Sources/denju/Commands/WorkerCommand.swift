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
        abstract: "Computes for a coordinator; recipe, teacher and scans come from it.",
        discussion: """
            Example: denju worker --connect tcp://host:5555 --key worker.key --server coordinator.pub

            Scans are read here where the recipe's path leads to the same ones as at the \
            coordinator's; else they are fetched, packed, and kept up to --cache-limit.

            A worker may come, go and come back at any time: the run's result stays the same, bit \
            for bit. SIGTERM or Ctrl-C has it say goodbye: others compute what it holds.

            \(LaunchSettings.help) --threads from SLURM_CPUS_PER_TASK, --name from RANK, \
            SLURM_ARRAY_TASK_ID, SLURM_PROCID, OMPI_COMM_WORLD_RANK or JOB_COMPLETION_INDEX.

            It ends with status 0 when the run is over, \(ExitCode.stopped.rawValue) when it or its \
            coordinator was asked to leave before (start it again), 2 when it cannot take part.
            """)

    static let settings: [LaunchSetting<WorkerCommand>] = [
        .init("connect") { $0.calling.connect }, .init("threads") { "\($0.threads)" },
        .init("name") { $0.name }, .init("key") { $0.calling.key },
        .init("server") { $0.calling.server }, .init("cache") { $0.calling.cache },
        .init("cache-limit") { $0.calling.cacheLimit },
        .init("patience") { "\($0.calling.patience)" }, .init("pulse") { $0.calling.pulse },
    ]

    @OptionGroup var calling: ConnectionOptions

    @Option(name: .long, help: "Micro-shards computed at once, each on one thread.")
    var threads = 1

    @Option(name: .long, help: "What records call this worker.")
    var name = "worker"

    @Flag(
        name: .long,
        help: """
            Be ready, and take the place of the first worker that is lost; until then compute \
            nothing, and get ready only when nobody else on the machine wants to compute.
            """)
    var spare = false

    @Flag(
        name: .long,
        help: "Have scans sent by the coordinator even if there are files of them here.")
    var stream = false

    @OptionGroup var config: ConfigOptions

    @Flag(name: .long, help: .hidden)
    var managed = false

    func execute() throws {
        try check(threads: threads)
        // Ctrl-C in a terminal reaches local workers too; their coordinator tells them when, and
        // replaces those that anyone else ends.
        let stop: StopRequest
        if managed {
            obeyManager()
            stop = StopRequest()
        } else {
            stop = .onSignals(consequence: "saying goodbye; others compute what it holds")
        }
        let manager = ServiceManager(environment: ProcessInfo.processInfo.environment)
        var settings = try calling.settings(
            of: "worker", name: name, security: calling.keys(of: "this worker"), stop: stop,
            manager)
        settings.threads = threads
        settings.isSpare = spare
        settings.streams = stream
        let client = try WorkerClient(settings)
        manager.tell(.ready)
        let end = try client.run()
        manager.tell(.stopping)
        printMessage("worker: \(end.isRunOver ? "the run is over: " : "")\(end.reason)")
        if !end.isRunOver { throw ExitCode.stopped }
    }
}
