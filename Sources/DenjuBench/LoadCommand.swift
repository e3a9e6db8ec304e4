import ArgumentParser
import Foundation
import Reporting
import Telemetry

struct LoadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Measures a coordinator with hundreds or thousands of simulated workers.",
        discussion: """
            Example: denju-bench load --workers 1000
            Example: denju-bench load --workers 64 --relays 4

            The workers have real connections and send the messages of real workers; instead of \
            computing, all send the gradients of one micro-shard. There are two runs: with a student \
            of almost no parameters, which shows the cost of workers, and with SRKD's student of 11.6 \
            million parameters, which shows the cost of gradients.

            'late' counts silences longer than two heartbeats, 'lost' counts workers that timed out: \
            both should be 0. 'reduce' is the rate in bytes of gradients at which the coordinator's \
            thread receives, validates and sums them; 'of copy' relates it to the machine's copy \
            bandwidth. Coordinator and workers share this machine's processors; on a cluster the \
            network determines the duration of a step.

            With --relays each run is repeated with the workers behind that number of relay \
            processes. The traffic to the coordinator then falls from a sum per worker to a sum per \
            relay.
            """)

    @Option(name: .long, help: "Simulated workers.")
    var workers = 1000
    @Option(name: .long, help: "Relays between the coordinator and the workers.")
    var relays = 0
    @Option(
        name: .long,
        help: "Micro-shards per step: the maximum number of workers that compute at the same time.")
    var shards = 32
    @Option(name: .long, help: "Timed steps per run.")
    var steps = 5
    @Option(name: .long, help: "Seconds that a simulated worker takes per micro-shard.")
    var compute = 0.0
    @Option(name: .long, help: "Processes for the simulated workers, with one thread each.")
    var processes = 2
    @Option(name: .long, help: "The student's preset.")
    var student = "student-srkd"
    @Option(name: .long, help: "Seconds without a message after which a worker is lost.")
    var heartbeatTimeout = 5.0
    @Flag(name: .long, help: "Print one JSON object instead of a table.")
    var json = false

    func run() throws {
        try reporting {
            guard (1...20_000).contains(workers), (1...4096).contains(shards), steps > 0,
                (0...3600).contains(compute), (1...64).contains(processes),
                (0...64).contains(relays)
            else {
                throw UserError(
                    "denju-bench load accepts 1 to 20,000 workers in 1 to 64 processes, 1 to 4,096 "
                        + "micro-shards, 1 step or more, 0 to 3,600 seconds per micro-shard, and up to "
                        + "64 relays.")
            }
            guard (0.2...3600).contains(heartbeatTimeout) else {
                throw UserError(
                    "--heartbeat-timeout is \(heartbeatTimeout): give 0.2 to 3600 seconds.")
            }
            var shape = LoadShape()
            (shape.workers, shape.shards, shape.steps) = (workers, shards, steps)
            (shape.compute, shape.processes) = (compute, min(processes, workers))
            shape.heartbeatTimeout = heartbeatTimeout
            // A tiny student shows the cost per worker, a large one the cost per byte of gradients.
            var rows: [LoadReport] = []
            for student in [LoadShape.smallest, "{preset: \(student), patch_size: 128}"] {
                shape.student = student
                // A set: without --relays both numbers are 0, and the run is not repeated.
                for relays in Set([0, relays]).sorted() {
                    shape.relays = relays
                    rows.append(try LoadTrial(shape, showsProgress: !json).report)
                }
            }
            print(json ? try snakeCaseJSON(rows) : LoadReport.table(rows))
        }
    }
}

struct LoadWorkersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load-workers", abstract: "The simulated workers of `denju-bench load`.",
        shouldDisplay: false)

    @Option var connect: [String]
    @Option var count: Int
    @Option var compute: Double

    func run() throws {
        try reporting { try LoadTrial.work(connect: connect, count: count, compute: compute) }
    }
}
