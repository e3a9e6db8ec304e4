import ArgumentParser
import Cluster
import Foundation
import Telemetry
import Training
import ZeroMQ

struct Coordinate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "coordinator",
        abstract:
            "Holds a run: shares its mini-batches out to workers, adds up, writes checkpoints.",
        discussion: """
            Example, on the coordinating machine and on each other one:
              denju coordinator --recipe distil.yaml --run runs/a --bind 'tcp://0.0.0.0:5555' \
            --key coordinator.key --workers keys/
              denju worker --connect tcp://host:5555 --key worker.key --server coordinator.pub

            Ctrl-C finishes the step at hand, writes a checkpoint and leaves; --resume goes on.
            """)

    @OptionGroup var recipe: RecipeOptions
    @OptionGroup var options: RunOptions

    @Option(
        name: .long, help: "Where to listen; port * takes a free one. The run's folder says which.")
    var bind = "tcp://127.0.0.1:*"

    @Option(name: .long, help: "The coordinator's secret key file, of `denju keys`.")
    var key: String?

    @Option(
        name: .long, help: "A folder with the public keys (*.pub) of the workers that may join.")
    var workers: String?

    @Option(
        name: .long, help: "Seconds the run may stand still for want of workers before it ends.")
    var patience = 3600.0

    @Flag(name: .long, help: "Let other machines connect although there are no keys.")
    var insecure = false

    @Option(name: .long, help: "Workers that must be there before the first step.")
    var minimumWorkers = 1

    func run() throws {
        try reporting {
            var settings = try options.settings(
                endpoint: try Endpoint(bind), minimumWorkers: minimumWorkers)
            settings.insecure = insecure
            guard patience >= 1, patience <= 1e9 else {
                throw UserError("--patience is \(patience): give 1 second or more.")
            }
            settings.patience = .seconds(patience)
            switch (key, workers) {
            case (let key?, let workers?):
                settings.keys = (
                    try CurveKeyPair(secretKeyFile: key), try AllowList(folder: workers)
                )
            case (nil, nil): break
            default:
                throw UserError(
                    "--key and --workers go together: the coordinator's secret key, "
                        + "and the folder of the workers' public keys.")
            }
            let parsed = try recipe.read()
            let stop = StopRequest.onSignals()
            let reporter = RunReporter(parsed, folder: options.run)
            let server = try CoordinatorServer(parsed, settings, stop: stop) { reporter.take($0) }
            reporter.finish(try server.serve())
        }
    }
}
