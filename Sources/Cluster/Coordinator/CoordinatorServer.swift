import Checkpoints
import Foundation
import Messages
import OpenBLAS
import Tensors
package import Training
package import ZeroMQ

/// Coordinator of a run: a ``CoordinatorDriver`` over sockets, files and the system's clock.
///
/// One thread does everything but write checkpoints and pack scans. It never waits longer than a
/// tenth of the heartbeat timeout.
package final class CoordinatorServer {
    private let settings: CoordinatorSettings
    private let run: Run
    private let driver: CoordinatorDriver
    private let waker: Waker
    private let origin: ContinuousClock.Instant
    /// The endpoint it listens at.
    package let endpoint: Endpoint
    /// The endpoint at which workers find it, which the run's folder publishes.
    package let address: Endpoint

    /// Opens a run and listens.
    ///
    /// - Parameter record: receives the run's events; checkpoints are reported on their own thread.
    package init(
        _ recipe: Recipe, _ settings: CoordinatorSettings, stop: StopRequest = StopRequest(),
        record: @escaping @Sendable (RunEvent) -> Void
    ) throws {
        self.settings = settings
        origin = ContinuousClock.now
        let clock = MonotonicClock.system(origin: origin)
        // Before the folder is touched: a port in use must not leave a folder behind.
        let listener = try WorkerListener(
            settings.listener, heartbeatTimeout: settings.heartbeatTimeout,
            in: try Context(ioThreads: 2), clock: clock)
        endpoint = listener.transport.endpoint
        address = endpoint.published(as: settings.advertise)
        let assembly = try RunAssembly(recipe) { record(.diagnostic($0)) }
        let directory = try RunDirectory(
            settings.folder,
            retention: Retention(
                keepLast: assembly.recipe.checkpoints.keepLast,
                keepEvery: assembly.recipe.checkpoints.keepEvery),
            resume: settings.resume, record: record)
        run = try Run(
            assembly, in: directory, resume: settings.resume,
            allowRecipeChange: settings.allowRecipeChange, record: record)
        for note in assembly.notes { record(.diagnostic(note)) }
        if let compression = assembly.compression { record(.compression(compression)) }
        try directory.describe(assembly.data, assembly.recipe)
        let waker = try Waker()
        self.waker = waker
        driver = CoordinatorDriver(
            run, listener, assets: try assembly.assets { waker.wake() },
            CoordinatorDriver.Settings(settings, address: address), clock: clock, stop: stop,
            record: record)
        try "\(address)\n".write(
            toFile: addressFile, atomically: true, encoding: .utf8)
    }

    private var addressFile: String { settings.folder + "/" + RunFolder.address }

    /// The times at which the present workers were admitted.
    package var joinTimes: [ContinuousClock.Instant] {
        driver.service.listener.peers.all.map { origin + $0.admitted }
    }

    /// The student's weights and the number of completed steps.
    package var learner: Learner { run.learner }

    /// The counts of what its connections have carried.
    package var traffic: Traffic { driver.service.listener.traffic }

    /// Whether it ended because it was asked to, before the run was over.
    package var wasStopped: Bool {
        if case .stopped? = driver.ending { true } else { false }
    }

    /// Runs to the end; returns the reason of the end.
    ///
    /// A checkpoint of the last step is then on disk. Throws if the run cannot continue, after what
    /// was learnt is on disk.
    package func serve() throws -> String {
        driver.begin()
        // Workers that read the file would connect to a port that another process may take.
        defer { try? FileManager.default.removeItem(atPath: addressFile) }
        var poller = Poller(waker: waker)
        driver.service.listener.transport.watch(with: &poller)
        while driver.ending == nil {
            // Stop requests come from signal handlers, which cannot wake the poller.
            _ = try poller.wait(upTo: min(settings.heartbeatTimeout / 10, .milliseconds(200)))
            try driver.turn()
        }
        try driver.close()
        switch driver.ending! {
        case .failed(let reason): throw WorkerError(reason)
        case .diverged(let reason): throw RunDivergence(reason, lastCheckpoint: run.lastCheckpoint)
        case .finished(let reason), .stopped(let reason): return reason
        }
    }
}

extension CoordinatorDriver.Settings {
    fileprivate init(_ settings: CoordinatorSettings, address: Endpoint) {
        self.init(address: address, canary: "\(Digest(Numerics.fingerprint().hash)!)")
        minimumWorkers = settings.minimumWorkers
        heartbeatTimeout = settings.heartbeatTimeout
        admitsOtherNumerics = settings.admitsOtherNumerics
        workerTimeout = settings.workerTimeout
        stopAfter = settings.stopAfter
    }
}
