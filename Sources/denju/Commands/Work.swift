import ArgumentParser
import Cluster
import Foundation
import ZeroMQ

struct Work: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker",
        abstract: "Computes for a coordinator; recipe and teacher come from it.",
        discussion: """
            Example: denju worker --connect tcp://host:5555 --key worker.key --server coordinator.pub

            A worker may come, go and come back at any time: the run's result stays the same, bit \
            for bit.
            """)

    @Option(name: .long, help: "Where the coordinator listens: tcp://host:port.")
    var connect: String

    @Option(name: .long, help: "Micro-shards computed at once, each on one thread.")
    var threads = 1

    @Option(name: .long, help: "What records call this worker.")
    var name = "worker"

    @Option(name: .long, help: "This worker's secret key file, of `denju keys`.")
    var key: String?

    @Option(name: .long, help: "The coordinator's public key file.")
    var server: String?

    @Option(name: .long, help: "Where fetched teachers are kept.")
    var cache = Work.standardCache

    @Option(name: .long, help: "Seconds a coordinator may be away before the worker gives up.")
    var patience = 120.0

    @Flag(name: .long, help: .hidden)
    var managed = false

    static var standardCache: String {
        let environment = ProcessInfo.processInfo.environment
        let base = environment["XDG_CACHE_HOME"] ?? (environment["HOME"].map { $0 + "/.cache" })
        return (base ?? "/tmp") + "/denju"
    }

    func run() throws {
        try reporting {
            try check(threads: threads)
            var security = Security.none
            switch (key, server) {
            case (let key?, let server?):
                security = .curveClient(
                    try CurveKeyPair(secretKeyFile: key), server: try CurvePublicKey(file: server))
            case (nil, nil): break
            default:
                throw UserError(
                    "--key and --server go together: this worker's secret key, and the "
                        + "coordinator's public key.")
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
            let client = try WorkerClient(
                WorkerSettings(
                    endpoint: try Endpoint(connect), security: security, name: name,
                    threads: threads, cache: cache, patience: .seconds(patience), stop: stop
                ) { complain("worker \($0)") })
            let reason = try client.run()
            complain("worker: the run is over: \(reason)")
        }
    }
}
