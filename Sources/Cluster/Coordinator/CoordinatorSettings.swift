package import Telemetry
package import Tensors
package import Training
package import ZeroMQ

/// How a coordinator is started.
package struct CoordinatorSettings: Sendable {
    /// How workers are received.
    package var reception: ListenerSettings
    /// The host it is published under; nil: the endpoint's, or this machine's name where that stands
    /// for all interfaces.
    package var advertise: String?
    /// The run's folder.
    package var folder: String
    /// Whether to go on where the folder's newest good checkpoint ends.
    package var resume: Bool
    /// Whether a recipe may differ from the checkpoint's.
    package var allowRecipeChange: Bool
    /// Workers that must be there before the first step.
    package var minimumWorkers: Int
    /// After so much silence a worker is taken for dead.
    ///
    /// Every other deadline derives from it.
    package var heartbeatTimeout: Duration
    /// Whether workers that compute other bits are refused, or only named.
    package var admitsOtherNumerics: Bool
    /// How long the run may stand still for want of workers before it ends with a sentence.
    package var patience: Duration
    /// The step to stop at, if not the recipe's last: a checkpoint is written there.
    package var stopAfter: Int?

    /// Settings of a coordinator.
    package init(
        endpoint: Endpoint, advertise: String? = nil,
        keys: (own: CurveKeyPair, workers: AllowList)? = nil,
        insecure: Bool = false, folder: String,
        resume: Bool = false, allowRecipeChange: Bool = false, minimumWorkers: Int = 1,
        heartbeatTimeout: Duration = .seconds(5), admitsOtherNumerics: Bool = false,
        patience: Duration = .seconds(3600), stopAfter: Int? = nil
    ) {
        reception = ListenerSettings(endpoint: endpoint, keys: keys, insecure: insecure)
        self.advertise = advertise
        self.folder = folder
        self.resume = resume
        self.allowRecipeChange = allowRecipeChange
        self.minimumWorkers = minimumWorkers
        self.heartbeatTimeout = heartbeatTimeout
        self.admitsOtherNumerics = admitsOtherNumerics
        self.patience = patience
        self.stopAfter = stopAfter
    }
}

/// What a coordinator tells of its run as it goes.
package enum RunEvent: Sendable {
    /// It listens here, about to take the step after this many.
    case listening(Endpoint, step: Int)
    /// A worker joined or was lost.
    case membership(MembershipEvent)
    /// Something a person wants to read: contradictions, damaged checkpoints.
    case note(String)
    /// How much smaller the student is than its teacher.
    case compression(Compression)
    /// Since this was said last, some work was delivered, or so many more workers are waited for (at
    /// least one); `step` steps are done.
    case progress(step: Int, missingWorkers: Int)
    /// A step is done.
    case step(StepSummary)
    /// Validation samples so far, of all.
    case validating(done: Int, of: Int)
    /// Validation is done, so many seconds after the step before it.
    case validated(step: Int, ConfusionMatrix, isBest: Bool, seconds: Double)
    /// How the run is doing; said some times within a heartbeat's timeout, whatever happens.
    case status(RunStatus)
    /// A checkpoint is on disk.
    case saved(folder: String)
}

/// A step in numbers.
package struct StepSummary: Sendable {
    /// What one worker's part of a step cost.
    package struct Worker: Sendable {
        /// What records call it: `host/name`.
        package var name: String
        /// How long it spent on each part, over all its threads.
        package var times: ShardTimes
        /// What its process has asked of its system so far.
        package var memory: MemoryUse
    }

    /// One objective of the sum.
    package struct Term: Sendable {
        /// Its name in records.
        package var name: String
        /// Its value, without its weight.
        package var value: Double
        /// Its weight at this step.
        package var weight: Double
        /// The norm of its gradient by the student's outputs, without its weight.
        package var gradientNorm: Double
    }

    /// Steps done, this one included.
    package var step: Int
    /// Steps of the whole run.
    package var steps: Int
    /// The pass over the data it began in, from 0.
    package var pass: Int
    /// The weighted sum of the objectives.
    package var loss: Double
    /// Each objective.
    package var terms: [Term]
    /// What the objectives report about themselves.
    package var metrics: [(name: String, value: Double)]
    /// The gradient's norm before clipping.
    package var gradientNorm: Double
    /// Learning rates outside and inside transformer blocks.
    package var rates: (others: Double, blocks: Double)
    /// From the end of the step before, or of the validation behind it, to the updated weights.
    package var seconds: Double { trace.seconds }
    /// Voxels of the mini-batch.
    package var points: Int
    /// How long each worker spent on each part, over all its threads.
    package var workers: [Worker]
    /// What the coordinator's one thread spent the step on; what is not among it, nobody knows.
    package var coordinator: [Phase: Double]
    /// What everybody did when.
    package var trace: Trace.Step
    /// What else happened.
    package var counts: CoordinatorMachine.StepCounts
    /// Who waited for whom when nothing advanced for too long during the step; nil if that was never.
    package var standstill: String?
    /// Messages received and sent.
    package var messages: (up: Int, down: Int)
    /// Their bytes.
    package var bytes: (up: Int, down: Int)
    /// The student's weights, at steps after which a checkpoint is written.
    package var weights: Weights?

    /// How long the coordinator spent adding up and updating.
    package var coordinatorSeconds: Double {
        [Phase.reduce, .optimizer, .broadcast].reduce(0) { $0 + (coordinator[$1] ?? 0) }
    }
}
