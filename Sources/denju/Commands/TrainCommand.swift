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
        abstract: "Trains on this machine: runs a coordinator and its workers in one command.",
        discussion: """
            Example: denju train --recipe distil.yaml --run runs/a --workers 2 --threads 1

            Ctrl-C, SIGTERM or a closed terminal finishes the current step, writes a checkpoint and \
            ends the run. --resume continues it with any number of workers. Messages and records that \
            cannot be written do not end it. The exit status is 0 when the run is complete, \
            \(ExitCode.stopped.rawValue) when it was stopped before, \(ExitCode.diverged.rawValue) \
            when the training has diverged, 2 when it cannot continue for another reason.
            """)

    @OptionGroup var recipe: RecipeOptions
    @OptionGroup var options: RunOptions

    @Option(name: .long, help: "Worker processes; one per processor by default.")
    var workers = ProcessInfo.processInfo.activeProcessorCount

    @Option(
        name: .long,
        help: "Standby worker processes, which replace workers that die.")
    var spares = 0

    @Option(name: .long, help: "Threads per worker.")
    var threads = 1

    @Option(name: .long, help: "The folder for fetched teachers.", completion: .directory)
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
            try StandardCache.check(cache)
            let parsed = try recipe.read()
            // `denju study` manages its runs: it handles Ctrl-C and sends them SIGTERM.
            let stop = StopRequest.onSignals(isManaged: managed)
            let reporter = try options.reporter(of: parsed)
            let socket = try LocalSocket()
            defer { socket.remove() }
            let settings = try options.settings(
                endpoint: socket.endpoint, minimumWorkers: workers)
            let server = try CoordinatorServer(parsed, settings, stop: stop) { reporter.record($0) }
            let pool = LocalWorkerPool(
                endpoint: server.endpoint, workers: workers, spares: spares, threads: threads,
                cache: cache, logs: options.run, giveUp: { stop.fail($0) })
            pool.start()
            defer { pool.end() }
            reporter.finish(try server.serve())
            if server.wasStopped { throw ExitCode.stopped }
        }
    }
}
