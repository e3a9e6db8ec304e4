import ArgumentParser
import Foundation
import Reporting
import Telemetry

struct LoadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Has a real coordinator serve hundreds or thousands of simulated workers.",
        discussion: """
            Example: denju-bench load --workers 1000
            Example: denju-bench load --workers 64 --relays 4

            The workers have real connections and say word for word what workers say; in place of \
            computing, all repeat one micro-shard's gradients. Two runs: with a student of almost \
            no parameters, which shows what workers cost as such, and with SRKD's, of 11.6 million, \
            which shows what gradients cost.

            'late' counts silences longer than two heartbeats, 'lost' workers taken for dead: both \
            should be 0. 'reduce' is how many bytes of gradients the coordinator takes in, checks \
            and adds up in a second of its thread's time, beside the bytes this machine copies in \
            a second. Coordinator and workers share this machine's processors: elsewhere a step \
            takes as long as the network does.

            With --relays each run is done twice: with the workers at the coordinator, and with \
            them behind so many relays, each a process. What goes up to the coordinator a step \
            ('up/step') then falls from a sum a worker to a sum a relay.
            """)

    @Option(name: .long, help: "Simulated workers.")
    var workers = 1000
    @Option(name: .long, help: "Relays between the coordinator and the workers.")
    var relays = 0
    @Option(name: .long, help: "Micro-shards a step: so many workers at most compute at once.")
    var shards = 32
    @Option(name: .long, help: "Steps of a run that are timed.")
    var steps = 5
    @Option(name: .long, help: "Seconds a simulated worker takes for a micro-shard.")
    var compute = 0.0
    @Option(name: .long, help: "Processes the workers live in, a thread each.")
    var processes = 2
    @Option(name: .long, help: "The student's preset.")
    var student = "student-srkd"
    @Option(name: .long, help: "Seconds of silence after which a worker is taken for dead.")
    var heartbeatTimeout = 5.0
    @Flag(name: .long, help: "One JSON object instead of a table.")
    var json = false

    func run() throws {
        try reporting {
            guard (1...20_000).contains(workers), (1...4096).contains(shards), steps > 0,
                (0...3600).contains(compute), (1...64).contains(processes),
                (0...64).contains(relays)
            else {
                throw UserError(
                    "denju-bench load takes 1 to 20,000 workers in 1 to 64 processes, 1 to 4,096 "
                        + "micro-shards, 1 step or more, 0 to 3,600 seconds a micro-shard, and up to 64 "
                        + "relays.")
            }
            guard (0.2...3600).contains(heartbeatTimeout) else {
                throw UserError(
                    "--heartbeat-timeout is \(heartbeatTimeout): give 0.2 to 3600 seconds.")
            }
            var shape = LoadShape()
            (shape.workers, shape.shards, shape.steps) = (workers, shards, steps)
            (shape.compute, shape.processes) = (compute, min(processes, workers))
            shape.heartbeatTimeout = heartbeatTimeout
            var rows: [LoadReport] = []
            for student in [LoadShape.smallest, "{preset: \(student), patch_size: 128}"] {
                shape.student = student
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
