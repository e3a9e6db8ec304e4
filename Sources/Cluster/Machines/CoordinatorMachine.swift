package import Distillation
package import Telemetry
package import Tensors
package import Training

/// Who does what, and what happens when one falls silent: the coordinator without its sockets.
///
/// A pure state machine: events go in with the time they happened at, actions come out, nothing
/// else happens. A driver (sockets, files, the optimiser) carries the actions out in their order.
/// Every decision's bits depend on the step's tree alone; who is here, how fast and for how long
/// only decides who computes what.
package struct CoordinatorMachine: Sendable {
    /// What a run is, as far as sharing it out goes.
    package struct Settings: Sendable {
        /// What is the same in all steps.
        package var shape: StepShape
        /// The step after the last.
        package var steps: Int
        /// How many steps between validations; nil for none but the last.
        package var validateEvery: Int?
        /// The samples to validate on; none skips validation.
        package var validation: [Int]
        /// Workers that must be ready before the first step.
        package var minimumWorkers: Int
        /// A worker from whom nothing was heard for so long is taken for dead.
        package var heartbeatTimeout: Duration

        /// Settings of a run.
        package init(
            shards: Int, buckets: Int, exchanges: Int, wire: GradientWire = .float32, steps: Int,
            validateEvery: Int? = nil, validation: [Int] = [], minimumWorkers: Int = 1,
            heartbeatTimeout: Duration = .seconds(5)
        ) {
            shape = StepShape(shards: shards, buckets: buckets, exchanges: exchanges, wire: wire)
            self.steps = steps
            self.validateEvery = validateEvery
            self.validation = validation
            self.minimumWorkers = minimumWorkers
            self.heartbeatTimeout = heartbeatTimeout
        }
    }

    /// What happens to the coordinator.
    package enum Event: Sendable {
        /// A worker was admitted and has all it needs to compute, or computes more or less at once
        /// than it did: a relay stands for as many workers as there are behind it.
        ///
        /// A spare is kept aside until somebody is lost.
        case ready(WorkerID, threads: Int, workers: Int = 1, isSpare: Bool = false)
        /// A worker said goodbye, was cut off, or broke the protocol.
        case left(WorkerID, reason: LossReason)
        /// A worker could not do what it was given: a scan it cannot read, a loss that is not finite.
        case failed(WorkerID, reason: String)
        /// Something was heard of a worker.
        case heard(WorkerID)
        /// What the micro-shards under a node have to say in an exchange.
        case contribution(WorkerID, step: Int, node: TreeNode, round: Int, [Contribution])
        /// A node's gradient in one bucket.
        case partial(WorkerID, step: Int, node: TreeNode, bucket: Int, Tensor)
        /// A node's report.
        case report(WorkerID, step: Int, node: TreeNode, ShardReport)
        /// A validation sample's confusion matrix.
        case evaluated(WorkerID, version: Int, sample: Int, ConfusionMatrix)
        /// Time has passed.
        case tick
        /// The run is to end after the step at hand.
        case stop(reason: String)
    }

    /// What the driver is to do, in this order.
    package enum Action: Sendable {
        /// Hand work to a worker.
        case lease(WorkerID, Lease)
        /// Tell workers what the whole mini-batch contributed in an exchange.
        case totals([WorkerID], step: Int, round: Int, [Totals])
        /// Apply a bucket's gradient and send the next version's weights to everyone.
        case apply(step: Int, bucket: Int, gradient: Tensor)
        /// Merge the statistics, count the step, write the records; the version is now `step + 1`.
        case stepComplete(step: Int, ShardReport, StepCounts, [Totals])
        /// Have a worker label validation samples with the present weights.
        case evaluate(WorkerID, version: Int, samples: [Int])
        /// Validation is done.
        case validated(version: Int, ConfusionMatrix)
        /// Two workers said different things of one node: one of them computes wrongly.
        case contradicted(step: Int, node: TreeNode, WorkerID, WorkerID)
        /// A worker is gone or must go; say why.
        case dismissed(WorkerID, reason: LossReason, reissued: Int)
        /// The run is over.
        case finished(reason: String)
        /// The run cannot go on: what several workers, or the only one, could not do.
        case failed(reason: String)
    }

    /// What happened during a step besides arithmetic.
    package struct StepCounts: Sendable, Equatable {
        /// Nodes handed out a second time.
        package var reissued = 0
        /// Results that were there already.
        package var duplicates = 0
        /// Nodes for which two workers had different results.
        package var contradictions = 0
        /// Workers lost.
        package var deaths = 0
        /// Workers that joined.
        package var joins = 0
        /// Workers at the end.
        package var workers = 0

        /// All zero.
        package init() {}
    }

    let settings: Settings
    /// The clouds of a step's micro-shards.
    private let plan: @Sendable (_ step: Int) -> [Lease.Shard]
    private(set) var team: Team
    /// Whether this coordinator has handed out a step: whoever leaves after that is not waited for.
    private var hasBegun = false
    private var isFinished = false
    private var stopReason: String?
    /// The version of the weights: how many steps have been taken.
    package private(set) var step: Int
    private var owesValidation = false
    /// What the validation at hand has found, by sample.
    private var matrices: [Int: ConfusionMatrix] = [:]

    /// A coordinator about to take `step`, with nobody there yet.
    ///
    /// - Parameter validated: the version that was validated last; nil for none. Where the version
    ///   at hand was to be validated and has not been, the run died in between: that comes first.
    package init(
        settings: Settings, from step: Int = 0, validated: Int? = nil,
        plan: @escaping @Sendable (_ step: Int) -> [Lease.Shard]
    ) {
        self.settings = settings
        self.step = step
        self.plan = plan
        team = Team(settings.shape, heartbeatTimeout: settings.heartbeatTimeout)
        owesValidation = step > 0 && validated != step && validationIsDue
    }

    /// Whether there is nothing left to do.
    package var isComplete: Bool { step >= settings.steps && !owesValidation }

    /// The workers that are ready, by number.
    package var present: [WorkerID] { team.present }

    /// When something advanced last: work was handed out or came in, a step or a validation ended.
    package var lastAdvance: Duration { team.lastAdvance }

    /// How many more workers must come before anything can be done; 0 while the run goes on.
    package var missingWorkers: Int { isFinished ? 0 : max(0, neededWorkers - team.strength) }

    private var neededWorkers: Int { hasBegun ? 1 : settings.minimumWorkers }

    /// What is going on.
    package var stage: RunStatus.Stage {
        if isFinished { return .finished }
        guard !team.present.isEmpty else { return .waiting }
        return switch team.work {
        case .nothing: .waiting
        case .step: .training
        case .labels: .validating
        }
    }

    /// Who is waited for at this moment; empty when nobody is.
    package var waitedFor: [WorkerID] { team.waitedFor }

    /// Takes one event that happened at `now` (on any clock that never goes back).
    package mutating func handle(_ event: Event, at now: Duration) -> [Action] {
        var actions: [Action] = []
        guard !isFinished else { return actions }
        for gain in team.handle(event, at: now, &actions) {
            switch gain {
            case .contribution(_, let round, let parts):
                team.settle(round: round, parts.map { Totals($0) }, at: now, &actions)
            case .gradient(_, let bucket, let sum):
                actions.append(.apply(step: step, bucket: bucket, gradient: sum))
            case .report: break  // the ledger has it
            case .label(let sample, let matrix): matrices[sample] = matrix
            case .failure(let reason):
                isFinished = true
                team.rest()
                actions.append(.failed(reason: reason))
                return actions
            }
        }
        if case .tick = event, missingWorkers > 0 { team.callUp(missingWorkers, at: now) }
        switch event {
        case .heard: break
        case .evaluated where !isLabelled: break
        case .stop(let reason):
            stopReason = stopReason ?? reason
            // A step at hand is finished first, unless there is nobody to finish it.
            if case .step = team.work, !team.present.isEmpty { break }
            finish(reason, &actions)
        default: proceed(at: now, &actions)
        }
        return actions
    }

    /// Whether the validation at hand has found all it looked for.
    private var isLabelled: Bool {
        guard case .labels(_, let ledger) = team.work else { return false }
        return ledger.isComplete
    }

    // MARK: What follows

    /// Does whatever can be done now: begin, hand out, complete, validate, end.
    private mutating func proceed(at now: Duration, _ actions: inout [Action]) {
        if let stopReason, team.present.isEmpty { return finish(stopReason, &actions) }
        while !isFinished {
            switch team.work {
            case .nothing:
                if isComplete { return finish("all \(settings.steps) steps are done", &actions) }
                guard team.strength >= neededWorkers else { return }
                hasBegun = true
                if owesValidation {
                    owesValidation = false
                    validate()
                } else {
                    team.begin(
                        step: step, wanting: [.root(shards: settings.shape.shards)], plan(step))
                }
            case .step(let ledger):
                guard ledger.isComplete, let report = ledger.report else {
                    return team.shareOut(at: now, &actions)
                }
                team.counts.workers = team.strength
                actions.append(.stepComplete(step: step, report, team.counts, ledger.totals))
                team.counts = StepCounts()
                step += 1
                team.rest()
                if let stopReason { return finish(stopReason, &actions) }
                if validationIsDue { validate() }
            case .labels(_, let ledger):
                guard ledger.isComplete else { return team.shareOut(at: now, &actions) }
                team.rest()
                let found = settings.validation.compactMap { matrices[$0] }
                actions.append(
                    .validated(version: step, found.dropFirst().reduce(found[0], +)))
            }
        }
    }

    private mutating func validate() {
        matrices = [:]
        team.begin(labelling: settings.validation, version: step)
    }

    private var validationIsDue: Bool {
        guard !settings.validation.isEmpty else { return false }
        return step == settings.steps || (settings.validateEvery.map { step % $0 == 0 } ?? false)
    }

    private mutating func finish(_ reason: String, _ actions: inout [Action]) {
        isFinished = true
        team.rest()
        actions.append(.finished(reason: reason))
    }
}
