public import Distillation
public import Telemetry
public import Tensors
public import Training

/// Who does what, and what happens when one falls silent: the coordinator without its sockets.
///
/// A pure state machine: events go in with the time they happened at, actions come out, nothing
/// else happens. A driver (sockets, files, the optimiser) carries the actions out in their order.
/// Every decision's bits depend on the step's tree alone; who is here, how fast and for how long
/// only decides who computes what.
public struct CoordinatorMachine: Sendable {
    /// What a run is, as far as sharing it out goes.
    public struct Settings: Sendable {
        /// Micro-shards a step.
        public var shards: Int
        /// Buckets the parameters travel in.
        public var buckets: Int
        /// How often objectives must know of the whole mini-batch before backward: 0, 1 or 2.
        public var exchanges: Int
        /// How exact gradients are on their way to the sum.
        public var wire: GradientWire
        /// The step after the last.
        public var steps: Int
        /// How many steps between validations; nil for none but the last.
        public var validateEvery: Int?
        /// The samples to validate on; none skips validation.
        public var validation: [Int]
        /// Workers that must be ready before the first step.
        public var minimumWorkers: Int
        /// A worker from whom nothing was heard for so long is taken for dead.
        public var heartbeatTimeout: Duration

        /// Settings of a run.
        public init(
            shards: Int, buckets: Int, exchanges: Int, wire: GradientWire = .float32, steps: Int,
            validateEvery: Int? = nil, validation: [Int] = [], minimumWorkers: Int = 1,
            heartbeatTimeout: Duration = .seconds(5)
        ) {
            self.shards = shards
            self.buckets = buckets
            self.exchanges = exchanges
            self.wire = wire
            self.steps = steps
            self.validateEvery = validateEvery
            self.validation = validation
            self.minimumWorkers = minimumWorkers
            self.heartbeatTimeout = heartbeatTimeout
        }
    }

    /// What happens to the coordinator.
    public enum Event: Sendable {
        /// A worker was admitted and has all it needs to compute.
        case ready(WorkerID, threads: Int)
        /// A worker said goodbye, was cut off, or broke the protocol.
        case left(WorkerID, reason: String)
        /// A worker could not do what it was given: a scan it cannot read, a loss that is not finite.
        case failed(WorkerID, reason: String)
        /// Something was heard of a worker.
        case heard(WorkerID)
        /// What a micro-shard has to say in an exchange.
        case contribution(WorkerID, step: Int, shard: Int, round: Int, [Contribution])
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
    public enum Action: Sendable {
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
        case dismissed(WorkerID, reason: String, reissued: Int)
        /// The run is over.
        case finished(reason: String)
        /// The run cannot go on: what several workers, or the only one, could not do.
        case failed(reason: String)
    }

    /// What happened during a step besides arithmetic.
    public struct StepCounts: Sendable, Equatable {
        /// Nodes handed out a second time.
        public var reissued = 0
        /// Results that were there already.
        public var duplicates = 0
        /// Nodes for which two workers had different results.
        public var contradictions = 0
        /// Workers lost.
        public var deaths = 0
        /// Workers that joined.
        public var joins = 0
        /// Workers at the end.
        public var workers = 0

        /// All zero.
        public init() {}
    }

    struct Worker {
        let threads: Int
        var lastHeard: Duration
        /// The latest step of which it was given anything; -1 for none.
        var leasedStep = -1
        /// How long one of its threads works at a micro-shard, seconds; nil as long as none is done.
        var pace: Double?

        /// Takes in how long some micro-shards took.
        mutating func note(_ times: ShardTimes, shards: Int) {
            let seconds = times.work.seconds / Double(max(shards, 1))
            guard seconds > 0 else { return }
            pace = pace.map { 0.75 * $0 + 0.25 * seconds } ?? seconds
        }
    }

    enum Phase {
        case waiting
        case training(StepLedger)
        case validating(ValidationLedger)
        case finished
    }

    let settings: Settings
    /// The clouds of a step's micro-shards.
    let plan: @Sendable (_ step: Int) -> [Lease.Shard]
    private var workers: [WorkerID: Worker] = [:]
    private(set) var phase: Phase = .waiting
    private var counts = StepCounts()
    /// Whether this coordinator has handed out a step: whoever leaves after that is not waited for.
    private var hasBegun = false
    private var stopReason: String?
    private var failedAtStep: Int?
    /// The version of the weights: how many steps have been taken.
    public private(set) var step: Int
    private var owesValidation = false
    /// When the event at hand happened.
    private var now = Duration.zero
    /// When something advanced last: work was handed out or came in, a step or a validation ended.
    public private(set) var lastAdvance = Duration.zero

    /// A coordinator about to take `step`, with nobody there yet.
    ///
    /// - Parameter validated: the version that was validated last; nil for none. Where the version
    ///   at hand was to be validated and has not been, the run died in between: that comes first.
    public init(
        settings: Settings, from step: Int = 0, validated: Int? = nil,
        plan: @escaping @Sendable (_ step: Int) -> [Lease.Shard]
    ) {
        self.settings = settings
        self.step = step
        self.plan = plan
        owesValidation = step > 0 && validated != step && validationIsDue
    }

    /// Whether there is nothing left to do.
    public var isComplete: Bool { step >= settings.steps && !owesValidation }

    /// The workers that are ready, by number.
    public private(set) var present: [WorkerID] = []

    /// How many more workers must come before anything can be done; 0 while the run goes on.
    public var missingWorkers: Int {
        isFinished ? 0 : max(0, (hasBegun ? 1 : settings.minimumWorkers) - workers.count)
    }

    /// What is going on.
    public var stage: RunStatus.Stage {
        switch phase {
        case .waiting: .waiting
        case .training: workers.isEmpty ? .waiting : .training
        case .validating: workers.isEmpty ? .waiting : .validating
        case .finished: .finished
        }
    }

    /// Who is waited for at this moment; empty when nobody is.
    public var waitedFor: [WorkerID] {
        switch phase {
        case .training(let ledger): ledger.holders
        case .validating(let ledger): ledger.holders
        case .waiting, .finished: []
        }
    }

    /// Takes one event that happened at `now` (on any clock that never goes back).
    public mutating func handle(_ event: Event, at now: Duration) -> [Action] {
        var actions: [Action] = []
        self.now = now
        switch event {
        case .ready(let worker, let threads):
            guard workers[worker] == nil, !isFinished else { break }
            workers[worker] = Worker(threads: max(threads, 1), lastHeard: now)
            let place = present.lastIndex { $0 < worker }.map { $0 + 1 } ?? 0
            present.insert(worker, at: place)
            counts.joins += 1
            proceed(&actions)
        case .left(let worker, let reason):
            dismiss(worker, reason: reason, &actions)
        case .failed(let worker, let reason):
            guard workers[worker] != nil else { break }
            // One worker's trouble may be its own; what a second one cannot do either is the run's.
            if failedAtStep == step || workers.count == 1 {
                guard !isFinished else { break }
                phase = .finished
                actions.append(.failed(reason: reason))
            } else {
                failedAtStep = step
                dismiss(worker, reason: reason, &actions)
            }
        case .heard(let worker):
            workers[worker]?.lastHeard = now
        case .contribution(let worker, let step, let shard, let round, let parts):
            workers[worker]?.lastHeard = now
            take(parts, step: step, shard: shard, round: round, from: worker, &actions)
        case .partial(let worker, let step, let node, let bucket, let gradient):
            workers[worker]?.lastHeard = now
            take(gradient, step: step, node: node, bucket: bucket, from: worker, &actions)
        case .report(let worker, let step, let node, let report):
            workers[worker]?.lastHeard = now
            workers[worker]?.note(report.times, shards: node.shards(of: settings.shards).count)
            take(report, step: step, node: node, from: worker, &actions)
        case .evaluated(let worker, let version, let sample, let matrix):
            workers[worker]?.lastHeard = now
            guard case .validating(var ledger) = phase, version == step else { break }
            phase = .waiting  // so that the ledger is held once while it changes
            ledger.take(matrix, of: sample, from: worker)
            lastAdvance = now
            phase = .validating(ledger)
            // Only who has delivered has room for more.
            if ledger.isComplete { proceed(&actions) } else { label(with: [worker], &actions) }
        case .tick:
            for worker in present where now - workers[worker]!.lastHeard > settings.heartbeatTimeout
            {
                dismiss(
                    worker, reason: "nothing was heard of it for \(settings.heartbeatTimeout)",
                    &actions)
            }
            helpStragglers(&actions)
        case .stop(let reason):
            stopReason = stopReason ?? reason
            // A step at hand is finished first, unless there is nobody to finish it.
            if case .training = phase, !workers.isEmpty { break }
            finish(reason, &actions)
        }
        return actions
    }

    private var isFinished: Bool {
        if case .finished = phase { return true }
        return false
    }

    // MARK: What comes in

    private mutating func take(
        _ parts: [Contribution], step: Int, shard: Int, round: Int, from worker: WorkerID,
        _ actions: inout [Action]
    ) {
        guard case .training(var ledger) = phase, step == ledger.step,
            ledger.isLeased(shard: shard, to: worker)
        else {
            counts.duplicates += 1
            return
        }
        phase = .waiting  // so that the ledger is held once while it changes
        do {
            let totals = try ledger.take(parts, of: shard, round: round, at: now)
            phase = .training(ledger)
            lastAdvance = now
            if let totals {
                actions.append(.totals(ledger.holders, step: step, round: round, totals))
            }
        } catch {
            phase = .training(ledger)
            dismiss(worker, reason: "\(error)", &actions)
        }
    }

    private mutating func take(
        _ gradient: Tensor, step: Int, node: TreeNode, bucket: Int, from worker: WorkerID,
        _ actions: inout [Action]
    ) {
        guard case .training(var ledger) = phase, step == ledger.step,
            ledger.isLeased(node, to: worker)
        else {
            counts.duplicates += 1
            return
        }
        phase = .waiting  // so that the ledger is held once while it changes
        switch ledger.take(gradient, of: node, bucket: bucket, from: worker) {
        case .known: counts.duplicates += 1
        case .contradicted(let other):
            counts.duplicates += 1
            counts.contradictions += 1
            actions.append(.contradicted(step: step, node: node, other, worker))
        case .taken: lastAdvance = now
        case .complete(let sum):
            lastAdvance = now
            actions.append(.apply(step: step, bucket: bucket, gradient: sum))
        }
        phase = .training(ledger)
        proceed(&actions)
    }

    private mutating func take(
        _ report: ShardReport, step: Int, node: TreeNode, from worker: WorkerID,
        _ actions: inout [Action]
    ) {
        guard case .training(var ledger) = phase, step == ledger.step,
            ledger.isLeased(node, to: worker)
        else {
            counts.duplicates += 1
            return
        }
        phase = .waiting  // so that the ledger is held once while it changes
        if case .known = ledger.take(report, of: node) {
            counts.duplicates += 1
        } else {
            lastAdvance = now
        }
        phase = .training(ledger)
        proceed(&actions)
    }

    // MARK: What follows

    private mutating func dismiss(_ worker: WorkerID, reason: String, _ actions: inout [Action]) {
        guard workers.removeValue(forKey: worker) != nil else { return }
        present.removeAll { $0 == worker }
        counts.deaths += 1
        var reissued = 0
        switch phase {
        case .training(var ledger):
            reissued = ledger.reclaim(from: worker).count
            counts.reissued += reissued
            phase = .training(ledger)
        case .validating(var ledger):
            reissued = ledger.reclaim(from: worker)
            phase = .validating(ledger)
        case .waiting, .finished: break
        }
        actions.append(.dismissed(worker, reason: reason, reissued: reissued))
        if let stopReason, workers.isEmpty { return finish(stopReason, &actions) }
        proceed(&actions)
    }

    /// Does whatever can be done now: begin, hand out, complete, validate, end.
    private mutating func proceed(_ actions: inout [Action]) {
        while true {
            switch phase {
            case .finished: return
            case .waiting:
                if isComplete { return finish("all \(settings.steps) steps are done", &actions) }
                guard workers.count >= (hasBegun ? 1 : settings.minimumWorkers) else { return }
                hasBegun = true
                if owesValidation {
                    owesValidation = false
                    phase = .validating(ValidationLedger(settings.validation))
                    continue
                }
                phase = .training(
                    StepLedger(
                        step: step, shards: settings.shards, buckets: settings.buckets,
                        exchanges: settings.exchanges, wire: settings.wire))
            case .training(var ledger):
                if ledger.isComplete, let report = ledger.report {
                    counts.workers = workers.count
                    actions.append(.stepComplete(step: step, report, counts, ledger.totals))
                    counts = StepCounts()
                    step += 1
                    phase = .waiting
                    if let stopReason { return finish(stopReason, &actions) }
                    if validationIsDue {
                        phase = .validating(ValidationLedger(settings.validation))
                    }
                } else {
                    handOut(&ledger, &actions)
                    phase = .training(ledger)
                    return
                }
            case .validating(let ledger):
                if let matrix = ledger.result {
                    phase = .waiting
                    actions.append(.validated(version: step, matrix))
                } else {
                    label(with: present, &actions)
                    return
                }
            }
        }
    }

    /// Hands validation samples to workers that have room for more.
    private mutating func label(with workers: [WorkerID], _ actions: inout [Action]) {
        guard case .validating(var ledger) = phase else { return }
        phase = .waiting  // so that the ledger is held once while it changes
        for worker in workers {
            guard !ledger.isAllOut, let threads = self.workers[worker]?.threads else { continue }
            let samples = ledger.lease(to: worker, atMost: threads + 1)
            if !samples.isEmpty {
                actions.append(.evaluate(worker, version: step, samples: samples))
            }
        }
        phase = .validating(ledger)
    }

    private var validationIsDue: Bool {
        guard !settings.validation.isEmpty else { return false }
        return step == settings.steps || (settings.validateEvery.map { step % $0 == 0 } ?? false)
    }

    private mutating func handOut(_ ledger: inout StepLedger, _ actions: inout [Action]) {
        guard !ledger.pending.isEmpty, !workers.isEmpty else { return }
        let pace = usualPace
        let loads = ledger.loads
        // With more workers than micro-shards, those that computed the last step have its weights
        // and the next clouds at hand: another must be a quarter faster to take one's place.
        let hasSpares = workers.count > ledger.shards
        let offers = present.map { worker in
            let isSpare = hasSpares && workers[worker]!.leasedStep < ledger.step - 1
            return (
                worker: worker, speed: speed(of: worker, usually: pace) * (isSpare ? 0.8 : 1),
                load: loads[worker] ?? 0
            )
        }
        let (split, shares) = share(ledger.pending, of: ledger.shards, among: offers)
        ledger.splitPending(into: split)
        let clouds = plan(ledger.step)
        for (worker, nodes) in shares {
            ledger.lease(nodes, to: worker, at: now)
            hand(nodes, clouds, of: ledger, to: worker, &actions)
        }
    }

    /// Tells a worker what it is to do, and what it must know for it.
    private mutating func hand(
        _ nodes: [TreeNode], _ clouds: [Lease.Shard], of ledger: StepLedger, to worker: WorkerID,
        _ actions: inout [Action]
    ) {
        let shards = nodes.flatMap { $0.shards(of: ledger.shards) }
        workers[worker]?.leasedStep = ledger.step
        lastAdvance = now
        actions.append(
            .lease(
                worker, Lease(step: ledger.step, nodes: nodes, shards: shards.map { clouds[$0] })))
        for round in 0..<settings.exchanges {
            guard let totals = ledger.exchanged[round] else { break }
            actions.append(.totals([worker], step: ledger.step, round: round, totals))
        }
    }

    // MARK: Who is how fast

    /// How long a thread works at a micro-shard, on average over the workers that have done any.
    private var usualPace: Double {
        let paces = workers.values.compactMap(\.pace)
        return paces.isEmpty ? 1 : paces.sorted().reduce(0, +) / Double(paces.count)
    }

    /// Micro-shards a second, as far as is known: a worker that has done none yet is taken to be as
    /// fast, thread for thread, as the others are on average.
    private func speed(of worker: WorkerID, usually pace: Double) -> Double {
        let known = workers[worker]!
        return Double(known.threads) / (known.pace ?? pace)
    }

    /// Gives work that takes three times as long as it should to whoever has nothing to do besides.
    ///
    /// Both go on, and what comes first counts: the bits are the same, or one of them computes
    /// wrongly.
    private mutating func helpStragglers(_ actions: inout [Action]) {
        guard case .training(var ledger) = phase, ledger.pending.isEmpty else { return }
        let overdue = ledger.awaited.filter { holding in
            workers[holding.worker]?.pace != nil
                && now - max(holding.since, ledger.turn) > settings.heartbeatTimeout / 10
        }
        guard !overdue.isEmpty else { return }
        let usual = usualPace
        let loads = ledger.loads
        var idle = Set(present).subtracting(ledger.busy)
        for holding in overdue {
            let due =
                Double(loads[holding.worker] ?? 0) / speed(of: holding.worker, usually: usual)
            guard (now - max(holding.since, ledger.turn)).seconds > 3 * due else { continue }
            guard
                let helper = idle.max(by: {
                    (speed(of: $0, usually: usual), $1) < (speed(of: $1, usually: usual), $0)
                })
            else { break }
            idle.remove(helper)
            ledger.leaseAgain(holding.node, to: helper, at: now)
            counts.reissued += 1
            hand([holding.node], plan(ledger.step), of: ledger, to: helper, &actions)
        }
        phase = .training(ledger)
    }

    private mutating func finish(_ reason: String, _ actions: inout [Action]) {
        guard !isFinished else { return }
        phase = .finished
        actions.append(.finished(reason: reason))
    }
}
