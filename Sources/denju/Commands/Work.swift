import ArgumentParser
import Cluster
import Datasets
import Foundation
import Telemetry
import ZeroMQ

struct Work: ParsableCommand {
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

    static let settings: [LaunchSetting<Work>] = [
        .init("connect") { $0.connect }, .init("threads") { "\($0.threads)" },
        .init("name") { $0.name }, .init("key") { $0.key }, .init("server") { $0.server },
        .init("cache") { $0.cache }, .init("cache-limit") { $0.cacheLimit },
        .init("patience") { "\($0.patience)" }, .init("pulse") { $0.pulse },
    ]

    @Option(
        name: .long, help: "Where the coordinator listens: tcp://host:port, or file:RUN/address.")
    var connect: String

    @Option(name: .long, help: "Micro-shards computed at once, each on one thread.")
    var threads = 1

    @Option(name: .long, help: "What records call this worker.")
    var name = "worker"

    @Option(
        name: .long, help: "This worker's secret key file, of `denju keys`.", completion: .file())
    var key: String?

    @Option(name: .long, help: "The coordinator's public key file.", completion: .file())
    var server: String?

    @Option(name: .long, help: "Where fetched teachers and scans are kept.", completion: .directory)
    var cache = Work.standardCache

    @Option(name: .long, help: "How much of scans is kept there.")
    var cacheLimit = "20 GB"

    @Flag(
        name: .long,
        help: "Have scans sent by the coordinator even if there are files of them here.")
    var stream = false

    @Option(name: .long, help: "Seconds a coordinator may be away before the worker gives up.")
    var patience = 120.0

    @Option(
        name: .long,
        help:
            "A file that is written anew as long as the coordinator is heard or called, for probes.",
        completion: .file())
    var pulse: String?

    @Flag(name: .long, help: "Show every setting and where it comes from, and end.")
    var printConfig = false

    @Flag(name: .long, help: .hidden)
    var managed = false

    static var standardCache: String {
        let environment = ProcessInfo.processInfo.environment
        let base = environment["XDG_CACHE_HOME"] ?? (environment["HOME"].map { $0 + "/.cache" })
        return (base ?? "/tmp") + "/denju"
    }

    func run() throws {
        if printConfig {
            print(LaunchSettings.ofThisProcess.table(of: self, Self.settings), terminator: "")
            return
        }
        try reporting {
            try check(threads: threads)
            let address = try CoordinatorAddress(connect)
            guard let limit = ByteCount(cacheLimit) else {
                throw UserError(
                    "--cache-limit is '\(cacheLimit)', which is no number of bytes: write 20 GB or "
                        + "512 MB.")
            }
            var keys: (@Sendable () throws -> Security)?
            if key != nil || server != nil {
                // What is wrong with them is said before anything begins.
                _ = try Security(key: key, server: server, of: "this worker")
                keys = { [key, server] in
                    try Security(key: key, server: server, of: "this worker")
                }
            }
            // Ctrl-C in a terminal reaches local workers too; their coordinator tells them when, and
            // replaces those that anyone else ends.
            let stop: StopRequest
            if managed {
                obeyManager()
                stop = StopRequest()
            } else {
                stop = .onSignals(consequence: "saying goodbye; others compute what it holds")
            }
            let security = try keys?() ?? .none
            let manager = ServiceManager(environment: ProcessInfo.processInfo.environment)
            let beat = { @Sendable [pulse] in
                manager.tell(.watchdog)
                if let pulse { try? "\n".write(toFile: pulse, atomically: false, encoding: .utf8) }
            }
            var settings = WorkerSettings(
                address: address, security: security, name: name, threads: threads,
                cache: cache, cacheLimit: limit.bytes, streams: stream,
                patience: .seconds(patience), stop: stop, pulse: beat
            ) { line in
                complain("worker \(line)")
                manager.tell(.status(line))
            }
            settings.keysAnew = keys
            let client = try WorkerClient(settings)
            manager.tell(.ready)
            let end = try client.run()
            manager.tell(.stopping)
            complain("worker: \(end.isRunOver ? "the run is over: " : "")\(end.reason)")
            if !end.isRunOver { throw ExitCode.stopped }
        }
    }
}

extension Security {
    /// What `--key` and `--server` say, which go together.
    ///
    /// - Parameter owner: whose secret key it is, in a sentence.
    init(key: String?, server: String?, of owner: String) throws {
        switch (key, server) {
        case (let key?, let server?):
            self = .curveClient(
                try CurveKeyPair(secretKeyFile: key), server: try CurvePublicKey(file: server))
        case (nil, nil): self = .none
        default:
            throw UserError(
                "--key and --server go together: \(owner)'s secret key, and the coordinator's "
                    + "public key.")
        }
    }
}
