import ArgumentParser
import Cluster
import Foundation
import Launching
import Reporting
import Training
import ZeroMQ

struct TrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Runs a recipe on this machine: a coordinator and its workers in one command.",
        discussion: """
            Example: denju train --recipe distil.yaml --run runs/a --workers 2 --threads 1

            Ctrl-C finishes the step at hand, writes a checkpoint and leaves; --resume goes on, \
            with any number of workers. The status is \(ExitCode.stopped.rawValue) then, 0 when \
            the run is done, 2 when it cannot go on.
            """)

    @OptionGroup var recipe: RecipeOptions
    @OptionGroup var options: RunOptions

    @Option(name: .long, help: "Worker processes; by default one for each processor.")
    var workers = ProcessInfo.processInfo.activeProcessorCount

    @Option(
        name: .long,
        help: "Worker processes kept ready beside them, for the place of one that dies.")
    var spares = 0

    @Option(name: .long, help: "Threads of each worker.")
    var threads = 1

    @Option(name: .long, help: "Where fetched teachers are kept.", completion: .directory)
    var cache = ConnectionOptions.standardCache

    @Flag(name: .long, help: .hidden)
    var managed = false

    func run() throws {
        try reporting {
            guard (1...256).contains(workers), (0...256).contains(spares),
                (1...1024).contains(threads)
            else {
                throw UserError(
                    "--workers \(workers) --spares \(spares) --threads \(threads): give 1 to 256 "
                        + "workers and 0 to 256 spares of 1 to 1024 threads.")
            }
            let parsed = try recipe.read()
            let stop = StopRequest.onSignals(isManaged: managed)
            let reporter = try options.reporter(of: parsed)
            let wire = try LocalSocket()
            defer { wire.remove() }
            let settings = try options.settings(
                endpoint: wire.endpoint, minimumWorkers: workers)
            let server = try CoordinatorServer(parsed, settings, stop: stop) { reporter.record($0) }
            let crew = LocalWorkerPool(
                endpoint: server.endpoint, workers: workers, spares: spares, threads: threads,
                cache: cache, logs: options.run, giveUp: { stop.fail($0) })
            crew.start()
            defer { crew.end() }
            reporter.finish(try server.serve())
            if server.wasStopped { throw ExitCode.stopped }
        }
    }
}
