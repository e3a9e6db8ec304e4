import Distillation
package import Telemetry
import Tensors
import Training

/// Coordinator of a run without sockets, files and optimiser.
///
/// A pure state machine: events go in with the time at which they happened, actions come out, and
/// nothing else happens. A driver carries out the actions in their order. The bits of the weights
/// depend on each step's tree alone; which workers there are, and how fast they are, determines only
/// which of them computes what.
package struct CoordinatorMachine: Sendable {
    let settings: Settings
    /// The clouds of a step's micro-shards.
    private let plan: @Sendable (_ step: Int) -> [Lease.Shard]
    /// The members and their work.
    private(set) var work: WorkDispatcher
    /// Whether this coordinator has begun any work: workers that leave after that are not waited for.
    private var hasBegun = false
    private var isFinished = false
    private var stopReason: String?
    /// The version of the weights: how many steps have been taken.
    package private(set) var step: Int
    /// Whether the version at hand must be validated before the next step.
    private var owesValidation = false
    /// The confusion matrices of the validation at hand, by sample.
    private var matrices: [Int: ConfusionMatrix] = [:]

    /// A coordinator that is about to take `step`, without workers.
    ///
    /// - Parameter validated: the version that was validated last; nil for none. If the version at
    ///   hand is due for validation and was not validated, because the coordinator before this one
    ///   died, its validation comes first.
    package init(
        settings: Settings, from step: Int = 0, validated: Int? = nil,
        plan: @escaping @Sendable (_ step: Int) -> [Lease.Shard]
    ) {
        self.settings = settings
        self.step = step
        self.plan = plan
        work = WorkDispatcher(settings.shape, heartbeatTimeout: settings.heartbeatTimeout)
        // Without this, a coordinator killed between a checkpoint and the validation that was due would
        // skip the validation, and with it perhaps the best student.
        owesValidation = step > 0 && validated != step && validationIsDue
    }

    // MARK: State

    /// Whether there is nothing left to do.
    package var isComplete: Bool { step >= settings.steps && !owesValidation }

    /// The active workers, by number.
    package var active: [WorkerID] { work.membership.active }

    /// The record of a worker; nil if it is not a member.
    func member(_ worker: WorkerID) -> Member? { work.membership[worker] }

    /// The time for which a worker's compute threads have not advanced; nil if it has not told.
    func standstill(of worker: WorkerID, at now: Duration) -> Duration? {
        member(worker)?.standstill(at: now)
    }

    /// Time at which work was last leased or completed.
    package var lastAdvance: Duration { work.lastAdvance }

    /// Number of further workers that must be ready before the run continues; 0 while it continues.
    package var missingWorkers: Int {
        isFinished ? 0 : max(0, neededWorkers - work.membership.workerCount)
    }

    // A run that has begun goes on with one worker: it must not stop because a worker that was given up
    // joins anew a moment later.
    private var neededWorkers: Int { hasBegun ? 1 : settings.minimumWorkers }

    /// The stage of the run.
    package var stage: RunStatus.Stage {
        if isFinished { return .finished }
        if work.membership.active.isEmpty { return .waiting }
        if work.step != nil { return .training }
        return work.validation != nil ? .validating : .waiting
    }

    /// The workers for whose results the run waits.
    package var awaitedWorkers: [WorkerID] { work.awaitedWorkers }

    // MARK: Events

    /// Drops what has arrived of the step or validation at hand, which begins anew with the next workers.
    mutating func restartStep() {
        owesValidation = owesValidation || work.validation != nil
        work.end()
    }

    /// Handles an event that happened at `now`, by any clock that never goes back.
    package mutating func handle(_ event: Event, at now: Duration) -> [Action] {
        var actions: [Action] = []
        guard !isFinished else { return actions }
        for completion in work.handle(event, at: now, &actions) {
            switch completion {
            case .contribution(_, let round, let parts):
                work.endExchange(round, parts.map { Totals($0) }, at: now, &actions)
            case .gradient(_, let bucket, let sum):
                actions.append(.apply(step: step, bucket: bucket, gradient: sum))
            case .report: break  // The ledger has it, and gives it when the step is complete.
            case .label(let sample, let matrix): matrices[sample] = matrix
            case .failure(let reason, let isDivergence):
                isFinished = true
                work.end()
                actions.append(.failed(reason: reason, isDivergence: isDivergence))
                return actions
            }
        }
        switch event {
        // Heartbeats of a thousand workers change nothing that would have to be looked for.
        case .joined, .heard, .fetching: break
        case .evaluated where work.validation?.isComplete != true: break
        case .stop(let reason):
            stopReason = stopReason ?? reason
            // A step at hand is completed first, unless there is no worker to complete it.
            if work.step != nil, !work.membership.active.isEmpty { break }
            finish(reason, &actions)
        case .tick:
            work.promoteStandby(missing: missingWorkers, at: now)
            proceed(at: now, &actions)
        default: proceed(at: now, &actions)
        }
        return actions
    }

    // MARK: Progress

    /// Does everything that is possible now: begins, leases, completes, validates, ends.
    private mutating func proceed(at now: Duration, _ actions: inout [Action]) {
        if let stopReason, work.membership.active.isEmpty {
            return finish(stopReason, &actions)
        }
        while !isFinished {
            if work.step != nil {
                guard completeStep(&actions) else { return work.lease(at: now, &actions) }
            } else if work.validation != nil {
                guard completeValidation(&actions) else { return work.lease(at: now, &actions) }
            } else {
                guard begin(&actions) else { return }
            }
        }
    }

    /// Begins the validation or the step that is due; false if workers are missing for it.
    private mutating func begin(_ actions: inout [Action]) -> Bool {
        if isComplete {
            finish("all \(settings.steps) steps are done", &actions)
            return true
        }
        guard work.membership.workerCount >= neededWorkers else { return false }
        hasBegun = true
        if owesValidation {
            owesValidation = false
            validate()
        } else {
            work.begin(step: step, wanting: [.root(shards: settings.shape.shards)], plan(step))
        }
        return true
    }

    /// Completes the step at hand; false if results are missing.
    private mutating func completeStep(_ actions: inout [Action]) -> Bool {
        guard let ledger = work.step, ledger.isComplete, let report = ledger.report else {
            return false
        }
        actions.append(.stepComplete(step: step, report, work.takeCounts(), ledger.totals))
        step += 1
        work.end()
        if let stopReason {
            finish(stopReason, &actions)
        } else if validationIsDue {
            validate()
        }
        return true
    }

    /// Completes the validation at hand; false if labels are missing.
    private mutating func completeValidation(_ actions: inout [Action]) -> Bool {
        guard work.validation?.isComplete == true else { return false }
        work.end()
        // In the order of the samples, whichever worker was first.
        func sum(_ samples: [Int]) -> ConfusionMatrix? {
            let found = samples.compactMap { matrices[$0] }
            return found.first.map { found.dropFirst().reduce($0, +) }
        }
        if let usual = sum(settings.validation) {
            actions.append(
                .validated(version: step, usual, further: sum(settings.furtherAtEnd)))
        }
        return true
    }

    private mutating func validate() {
        matrices = [:]
        let further = step == settings.steps ? settings.furtherAtEnd : []
        work.begin(labelling: settings.validation + further, version: step)
    }

    private var validationIsDue: Bool {
        guard !settings.validation.isEmpty else { return false }
        return step == settings.steps || (settings.validateEvery.map { step % $0 == 0 } ?? false)
    }

    private mutating func finish(_ reason: String, _ actions: inout [Action]) {
        isFinished = true
        work.end()
        actions.append(.finished(reason: reason))
    }
}
