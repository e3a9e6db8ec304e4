package import ZeroMQ

/// Settings of a ``CoordinatorServer``.
package struct CoordinatorSettings: Sendable {
    /// Address, keys and limits for workers.
    package var listener: ListenerSettings
    /// The host under which it is published; nil for the endpoint's, or this machine's name where the
    /// endpoint stands for all interfaces.
    package var advertise: String?
    /// The run's folder.
    package var folder: String
    /// Whether the run continues from the folder's newest intact checkpoint.
    package var resume: Bool
    /// Whether the recipe may differ from the checkpoint's.
    package var allowRecipeChange: Bool
    /// Workers that must be ready before the first step.
    package var minimumWorkers: Int
    /// The silence after which a worker is given up; every other deadline derives from it.
    package var heartbeatTimeout: Duration
    /// Whether workers that compute other bits are admitted, with a warning.
    package var admitsOtherNumerics: Bool
    /// The longest that the run waits for missing workers before it fails.
    package var workerTimeout: Duration
    /// The step to stop at, if not the recipe's last; a checkpoint is written there.
    package var stopAfter: Int?

    /// Settings of a coordinator.
    package init(
        endpoint: Endpoint, advertise: String? = nil,
        keys: (own: CurveKeyPair, workers: AllowList)? = nil,
        insecure: Bool = false, folder: String,
        resume: Bool = false, allowRecipeChange: Bool = false, minimumWorkers: Int = 1,
        heartbeatTimeout: Duration = .seconds(5), admitsOtherNumerics: Bool = false,
        workerTimeout: Duration = .seconds(3600), stopAfter: Int? = nil
    ) {
        listener = ListenerSettings(endpoint: endpoint, keys: keys, insecure: insecure)
        self.advertise = advertise
        self.folder = folder
        self.resume = resume
        self.allowRecipeChange = allowRecipeChange
        self.minimumWorkers = minimumWorkers
        self.heartbeatTimeout = heartbeatTimeout
        self.admitsOtherNumerics = admitsOtherNumerics
        self.workerTimeout = workerTimeout
        self.stopAfter = stopAfter
    }
}
