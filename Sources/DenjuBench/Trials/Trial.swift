import Cluster
import Foundation
import Launching
import Reporting
import Synchronization
import Training
import ZeroMQ

/// A measured run: a coordinator in this process, with workers that the caller starts.
struct Trial {
    /// One step and the moment the coordinator reported its end.
    struct Step: Sendable {
        let summary: StepSummary
        let end: ContinuousClock.Instant
    }

    /// The settings of a trial's coordinator.
    struct Settings {
        /// The title of the progress bar.
        var title = "timing"
        /// The folder of the run and of its workers' logs.
        var folder: String
        var minimumWorkers: Int
        // Longer than the default: a worker lost on a busy machine would spoil the measurement.
        var heartbeatTimeout = Duration.seconds(30)
        /// The coordinator's address; a local socket if nil.
        var endpoint: Endpoint?
        var showsProgress = true
    }

    let steps: [Step]
    let server: CoordinatorServer

    /// Runs every step of the recipe.
    ///
    /// - Parameters:
    ///   - observe: called with each event after the trial itself has recorded it.
    ///   - start: starts the workers, which end when the coordinator ends.
    init<Workers: TrialWorkers>(
        _ recipe: Recipe, _ settings: Settings,
        observing observe: @escaping @Sendable (RunEvent) -> Void = { _ in },
        workers start: (CoordinatorServer, StopRequest) throws -> Workers
    ) throws {
        let progress = ProgressDisplay(
            settings.title, total: recipe.steps, unit: "step", isShown: settings.showsProgress)
        let recorded = Mutex<[Step]>([])
        let stop = StopRequest.onSignals()
        let socket = settings.endpoint == nil ? try LocalSocket() : nil
        defer { socket?.remove() }
        let server = try CoordinatorServer(
            recipe,
            CoordinatorSettings(
                endpoint: settings.endpoint ?? socket!.endpoint, folder: settings.folder + "/run",
                minimumWorkers: settings.minimumWorkers,
                heartbeatTimeout: settings.heartbeatTimeout),
            stop: stop
        ) { event in
            if case .step(let summary) = event {
                recorded.withLock { $0.append(Step(summary: summary, end: .now)) }
                progress.update(summary.step, note: String(format: "%.2f s", summary.seconds))
            }
            observe(event)
        }
        let workers = try start(server, stop)
        // Kept, not thrown: worker processes must end even if the coordinator has failed.
        let outcome = Result { try server.serve() }
        progress.finish()
        try workers.finish()
        _ = try outcome.get()
        steps = recorded.withLock { $0 }
        self.server = server
        // A signal ends the run without an error.
        guard steps.count == recipe.steps else {
            throw UserError("The trial was stopped after \(steps.count) steps.")
        }
    }
}

/// The workers of a trial.
protocol TrialWorkers {
    /// Ends the processes that are still there.
    func finish() throws
}

extension LocalWorkerPool: TrialWorkers {
    func finish() { end() }
}

/// Calls a closure with a new folder, which is removed afterwards.
func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.path + "/denju-bench-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try body(folder)
}
