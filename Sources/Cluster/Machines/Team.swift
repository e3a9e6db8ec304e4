import Distillation
import Telemetry
import Tensors
import Training

/// Workers and the work they share: who is there, how fast, who has what, and what has come of it.
///
/// This is what a coordinator and a relay have in common. Where work comes from and where its sums go
/// is the owner's affair: it begins steps and labellings, and takes each ``Gain``. Events go in and
/// actions come out in the order they are to be carried out in, as in ``CoordinatorMachine``.
struct Team: Sendable {
    typealias Event = CoordinatorMachine.Event
    typealias Action = CoordinatorMachine.Action

    struct Worker {
        /// Micro-shards it computes at once.
        var threads: Int
        /// Workers it stands for: itself, or those behind a relay.
        var workers: Int
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

    /// What is being done.
    enum Work {
        case nothing
        case step(StepLedger)
        case labels(version: Int, ValidationLedger)
    }

    /// What the workers' results have come to.
    enum Gain {
        /// What the micro-shards under a wanted node say in an exchange.
        case contribution(TreeNode, round: Int, [Contribution])
        /// A wanted node's gradient in one bucket.
        case gradient(TreeNode, bucket: Int, Tensor)
        /// A wanted node's report.
        case report(TreeNode, ShardReport)
        /// A sample's confusion matrix.
        case label(sample: Int, ConfusionMatrix)
        /// The work cannot be done: several workers, or the only one, could not.
        case failure(reason: String)
    }

    let shape: StepShape
    let heartbeatTimeout: Duration
    private var workers: [WorkerID: Worker] = [:]
    /// The workers that are ready, by number.
    private(set) var present: [WorkerID] = []
    private(set) var work = Work.nothing
    var counts = CoordinatorMachine.StepCounts()
    /// The step at which a worker could not do what it was given.
    private var failedAtStep: Int?
    /// When the event at hand happened.
    private var now = Duration.zero
    /// When something advanced last: work was handed out or came in, a step or a validation ended.
    private(set) var lastAdvance = Duration.zero

    /// Nobody, with nothing to do.
    init(_ shape: StepShape, heartbeatTimeout: Duration) {
        self.shape = shape
        self.heartbeatTimeout = heartbeatTimeout
    }

    /// How many micro-shards can be computed at once.
    var threads: Int { workers.values.reduce(0) { $0 + $1.threads } }

    /// How many workers there are, those behind relays counted and not the relays.
    var strength: Int { workers.values.reduce(0) { $0 + $1.workers } }

    /// Who is waited for at this moment; empty when nobody is.
    var waitedFor: [WorkerID] {
        switch work {
        case .step(let ledger): ledger.holders
        case .labels(_, let ledger): ledger.holders
        case .nothing: []
        }
    }

    // MARK: What is to be done

    /// Begins a step, or goes on with it: the given nodes are wanted.
    mutating func begin(step: Int, wanting nodes: [TreeNode], _ clouds: [Lease.Shard]) {
        var ledger = StepLedger(step: step, shape)
        if case .step(let known) = work, known.step == step { ledger = known }
        work = .nothing  // so that the ledger is held once while it changes
        ledger.want(nodes, clouds)
        work = .step(ledger)
    }

    /// Begins a labelling, or goes on with it: the given samples are to be labelled.
    mutating func begin(labelling samples: [Int], version: Int) {
        var ledger = ValidationLedger()
        if case .labels(version, let known) = work { ledger = known }
        work = .nothing  // so that the ledger is held once while it changes
        ledger.add(samples)
        work = .labels(version: version, ledger)
    }

    /// Drops what is being done.
    mutating func rest() { work = .nothing }

    /// Ends an exchange of the step at hand, of which the totals are now known.
    mutating func settle(
        round: Int, _ totals: [Totals], at now: Duration, _ actions: inout [Action]
    ) {
        guard case .step(var ledger) = work else { return }
        work = .nothing  // so that the ledger is held once while it changes
        if ledger.settle(round, totals, at: now) {
            actions.append(.totals(ledger.holders, step: ledger.step, round: round, totals))
        }
        work = .step(ledger)
    }

    /// Hands out whatever nobody holds.
    mutating func shareOut(at now: Duration, _ actions: inout [Action]) {
        self.now = now
        switch work {
        case .nothing: break
        case .step(var ledger):
            guard !ledger.pending.isEmpty, !workers.isEmpty else { break }
            work = .nothing  // so that the ledger is held once while it changes
            handOut(&ledger, &actions)
            work = .step(ledger)
        case .labels: label(with: present, &actions)
        }
    }

    // MARK: What happens

    /// Takes one event; whatever can be handed out afterwards, ``shareOut(at:_:)`` hands out.
    mutating func handle(
        _ event: Event, at now: Duration, _ actions: inout [Action]
    ) -> [Gain] {
        self.now = now
        switch event {
        case .ready(let worker, let threads, let count):
            let (threads, count) = (max(threads, 1), max(count, 1))
            guard workers[worker] == nil else {
                workers[worker]?.threads = threads
                workers[worker]?.workers = count
                break
            }
            workers[worker] = Worker(threads: threads, workers: count, lastHeard: now)
            let place = present.lastIndex { $0 < worker }.map { $0 + 1 } ?? 0
            present.insert(worker, at: place)
            counts.joins += 1
        case .left(let worker, let reason): dismiss(worker, reason: reason, &actions)
        case .failed(let worker, let reason):
            guard workers[worker] != nil else { break }
            // One worker's trouble may be its own; what a second one cannot do either is the run's.
            if failedAtStep == order || workers.count == 1 { return [.failure(reason: reason)] }
            failedAtStep = order
            dismiss(worker, reason: reason, &actions)
        case .heard(let worker): workers[worker]?.lastHeard = now
        case .contribution(let worker, let step, let node, let round, let parts):
            workers[worker]?.lastHeard = now
            return take(parts, step: step, node: node, round: round, from: worker, &actions)
        case .partial(let worker, let step, let node, let bucket, let gradient):
            workers[worker]?.lastHeard = now
            return take(gradient, step: step, node: node, bucket: bucket, from: worker, &actions)
        case .report(let worker, let step, let node, let report):
            workers[worker]?.lastHeard = now
            workers[worker]?.note(report.times, shards: node.shards(of: shape.shards).count)
            return take(report, step: step, node: node, from: worker)
        case .evaluated(let worker, let version, let sample, let matrix):
            workers[worker]?.lastHeard = now
            guard case .labels(version, var ledger) = work else { break }
            work = .nothing  // so that the ledger is held once while it changes
            let isNew = ledger.take(sample, from: worker)
            work = .labels(version: version, ledger)
            lastAdvance = now
            // Only who has delivered has room for more.
            label(with: [worker], &actions)
            return isNew ? [.label(sample: sample, matrix)] : []
        case .tick:
            for worker in present where now - workers[worker]!.lastHeard > heartbeatTimeout {
                dismiss(
                    worker, reason: "nothing was heard of it for \(heartbeatTimeout)", &actions)
            }
            shareOut(at: now, &actions)
            helpStragglers(&actions)
        case .stop: break
        }
        return []
    }

    /// The step, or the version that is labelled; -1 while nothing is done.
    private var order: Int {
        switch work {
        case .step(let ledger): ledger.step
        case .labels(let version, _): version
        case .nothing: -1
        }
    }

    private mutating func dismiss(_ worker: WorkerID, reason: String, _ actions: inout [Action]) {
        guard workers.removeValue(forKey: worker) != nil else { return }
        present.removeAll { $0 == worker }
        counts.deaths += 1
        var reissued = 0
        switch work {
        case .step(var ledger):
            reissued = ledger.reclaim(from: worker).count
            counts.reissued += reissued
            work = .step(ledger)
        case .labels(let version, var ledger):
            reissued = ledger.reclaim(from: worker)
            work = .labels(version: version, ledger)
        case .nothing: break
        }
        actions.append(.dismissed(worker, reason: reason, reissued: reissued))
    }

    // MARK: What comes in

    private mutating func take(
        _ parts: [Contribution], step: Int, node: TreeNode, round: Int, from worker: WorkerID,
        _ actions: inout [Action]
    ) -> [Gain] {
        guard case .step(var ledger) = work, step == ledger.step,
            ledger.isLeased(within: node, to: worker)
        else {
            counts.duplicates += 1
            return []
        }
        work = .nothing  // so that the ledger is held once while it changes
        do {
            let complete = try ledger.take(parts, of: node, round: round)
            work = .step(ledger)
            lastAdvance = now
            return complete.map { .contribution($0.node, round: round, $0.sums) }
        } catch {
            work = .step(ledger)
            dismiss(worker, reason: "\(error)", &actions)
            return []
        }
    }

    private mutating func take(
        _ gradient: Tensor, step: Int, node: TreeNode, bucket: Int, from worker: WorkerID,
        _ actions: inout [Action]
    ) -> [Gain] {
        guard case .step(var ledger) = work, step == ledger.step,
            ledger.isLeased(node, to: worker)
        else {
            counts.duplicates += 1
            return []
        }
        work = .nothing  // so that the ledger is held once while it changes
        defer { work = .step(ledger) }
        switch ledger.take(gradient, of: node, bucket: bucket, from: worker) {
        case .known: counts.duplicates += 1
        case .contradicted(let other):
            counts.duplicates += 1
            counts.contradictions += 1
            actions.append(.contradicted(step: step, node: node, other, worker))
        case .taken(let complete):
            lastAdvance = now
            return complete.map { .gradient($0.node, bucket: bucket, $0.sum) }
        }
        return []
    }

    private mutating func take(
        _ report: ShardReport, step: Int, node: TreeNode, from worker: WorkerID
    ) -> [Gain] {
        guard case .step(var ledger) = work, step == ledger.step,
            ledger.isLeased(node, to: worker)
        else {
            counts.duplicates += 1
            return []
        }
        work = .nothing  // so that the ledger is held once while it changes
        defer { work = .step(ledger) }
        guard case .taken(let complete) = ledger.take(report, of: node) else {
            counts.duplicates += 1
            return []
        }
        lastAdvance = now
        return complete.map { .report($0.node, $0.sum) }
    }

    // MARK: What is handed out

    /// Hands validation samples to workers that have room for more.
    private mutating func label(with workers: [WorkerID], _ actions: inout [Action]) {
        guard case .labels(let version, var ledger) = work else { return }
        work = .nothing  // so that the ledger is held once while it changes
        for worker in workers {
            guard !ledger.isAllOut, let threads = self.workers[worker]?.threads else { continue }
            let samples = ledger.lease(to: worker, atMost: threads + 1)
            if !samples.isEmpty {
                actions.append(.evaluate(worker, version: version, samples: samples))
            }
        }
        work = .labels(version: version, ledger)
    }

    private mutating func handOut(_ ledger: inout StepLedger, _ actions: inout [Action]) {
        let pace = usualPace
        let loads = ledger.loads
        // With more workers than micro-shards, those that computed the last step have its weights
        // and the next clouds at hand: another must be a quarter faster to take one's place.
        let hasSpares = workers.count > shape.shards
        let offers = present.map { worker in
            let isSpare = hasSpares && workers[worker]!.leasedStep < ledger.step - 1
            return (
                worker: worker, speed: speed(of: worker, usually: pace) * (isSpare ? 0.8 : 1),
                load: loads[worker] ?? 0
            )
        }
        let (split, shares) = share(ledger.pending, of: shape.shards, among: offers)
        ledger.splitPending(into: split)
        for (worker, nodes) in shares {
            ledger.lease(nodes, to: worker, at: now)
            hand(nodes, of: ledger, to: worker, &actions)
        }
    }

    /// Tells a worker what it is to do, and what it must know for it.
    private mutating func hand(
        _ nodes: [TreeNode], of ledger: StepLedger, to worker: WorkerID,
        _ actions: inout [Action]
    ) {
        workers[worker]?.leasedStep = ledger.step
        lastAdvance = now
        actions.append(
            .lease(
                worker,
                Lease(step: ledger.step, nodes: nodes, shards: nodes.flatMap(ledger.clouds(of:)))))
        for round in 0..<shape.exchanges {
            guard let totals = ledger.exchanged[round] else { continue }
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
        guard case .step(var ledger) = work, ledger.pending.isEmpty else { return }
        let overdue = ledger.awaited.filter { holding in
            workers[holding.worker]?.pace != nil
                && now - max(holding.since, ledger.turn) > heartbeatTimeout / 10
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
            hand([holding.node], of: ledger, to: helper, &actions)
        }
        work = .step(ledger)
    }
}
