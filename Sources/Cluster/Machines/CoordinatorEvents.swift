package import Distillation
package import Tensors
package import Training

// The vocabulary of coordinator and dispatcher: what happens to them, and what their driver is to do.

extension CoordinatorMachine {
    /// Settings of a run that determine how its work is distributed.
    package struct Settings: Sendable {
        /// Numbers that are the same in all steps.
        package var shape: StepShape
        /// The step after the last.
        package var steps: Int
        /// Steps between validations; nil validates after the last step only.
        package var validateEvery: Int?
        /// The samples to validate with; none skips validation.
        package var validation: [Int]
        /// Further samples for the validation after the last step.
        package var furtherAtEnd: [Int]
        /// Workers that must be ready before the first step.
        package var minimumWorkers: Int
        /// A worker from which nothing is received for longer is taken for dead.
        package var heartbeatTimeout: Duration

        /// Settings of a run.
        package init(
            shards: Int, buckets: Int, exchanges: Int, wire: GradientWire = .float32, steps: Int,
            validateEvery: Int? = nil, validation: [Int] = [], furtherAtEnd: [Int] = [],
            minimumWorkers: Int = 1, heartbeatTimeout: Duration = .seconds(5)
        ) {
            shape = StepShape(shards: shards, buckets: buckets, exchanges: exchanges, wire: wire)
            self.steps = steps
            self.validateEvery = validateEvery
            self.validation = validation
            self.furtherAtEnd = furtherAtEnd
            self.minimumWorkers = minimumWorkers
            self.heartbeatTimeout = heartbeatTimeout
        }
    }

    /// Events of a coordinator, or of a relay's lower side.
    package enum Event: Sendable {
        /// A worker was admitted and prepares: it fetches the teacher or opens the data.
        ///
        /// `identity` is the same for one worker that connects several times; nil if that is unknown.
        case joined(WorkerID, threads: Int = 1, identity: String? = nil)
        /// A worker is ready to compute, or its capacity has changed: a relay stands for as many
        /// workers as there are behind it.
        ///
        /// A standby worker receives no work until an active one is lost.
        case ready(WorkerID, threads: Int, workers: Int = 1, isStandby: Bool = false)
        /// A worker left, was disconnected or broke the protocol.
        case left(WorkerID, reason: LossReason)
        /// A worker could not do its work: it cannot read a scan, or a loss is not finite.
        case failed(WorkerID, reason: String, isDivergence: Bool = false)
        /// Anything was received from a worker, perhaps the count of its compute threads' progress.
        case heard(WorkerID, progress: UInt64? = nil)
        /// A worker fetches scans or the teacher: its computation waits for them.
        case fetching(WorkerID)
        /// A worker sent the contributions of a node's micro-shards to an exchange.
        case contribution(WorkerID, step: Int, node: TreeNode, round: Int, [Contribution])
        /// A worker sent a node's gradient in one bucket.
        case partial(WorkerID, step: Int, node: TreeNode, bucket: Int, Tensor)
        /// A worker sent a node's report.
        case report(WorkerID, step: Int, node: TreeNode, ShardReport)
        /// A worker sent a validation sample's confusion matrix.
        case evaluated(WorkerID, version: Int, sample: Int, ConfusionMatrix)
        /// Time has passed.
        case tick
        /// The run is to end after the step at hand.
        case stop(reason: String)
    }

    /// Actions that a driver carries out in their order.
    package enum Action: Sendable {
        /// Send a worker a lease, with the weights it lacks for that.
        case lease(WorkerID, Lease)
        /// Send workers the whole mini-batch's contributions to an exchange.
        case totals([WorkerID], step: Int, round: Int, [Totals])
        /// Apply a bucket's gradient, and send the bucket's next version.
        case apply(step: Int, bucket: Int, gradient: Tensor)
        /// Merge the statistics, count the step and write the records; the version is now `step + 1`.
        case stepComplete(step: Int, ShardReport, StepCounts, [Totals])
        /// Have a worker label validation samples with the present weights.
        case evaluate(WorkerID, version: Int, samples: [Int])
        /// Record the result of a validation, and that of the further samples after the last step.
        case validated(version: Int, ConfusionMatrix, further: ConfusionMatrix?)
        /// Report that two workers have different results for the same node.
        case contradicted(step: Int, node: TreeNode, WorkerID, WorkerID)
        /// Disconnect a worker, and report the reason and how many pieces of its work were reclaimed.
        case dismissed(WorkerID, reason: LossReason, reissued: Int)
        /// End the run: it is complete or was stopped.
        case finished(reason: String)
        /// End the run: no worker can do its work.
        case failed(reason: String, isDivergence: Bool)
    }

    /// Counts of what happened during a step besides arithmetic.
    package struct StepCounts: Sendable, Equatable {
        /// Nodes leased a second time.
        package var reissued = 0
        /// Results that were not leased or had arrived before.
        package var duplicates = 0
        /// Nodes for which two workers had different results.
        package var contradictions = 0
        /// Active workers lost.
        package var deaths = 0
        /// Workers that became active.
        package var joins = 0
        /// Active workers at the end.
        package var workers = 0

        /// All zero.
        package init() {}
    }
}
