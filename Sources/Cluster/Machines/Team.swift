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
    /// Those who are ready to take the place of one that is lost, and do nothing until then.
    private var spares: [WorkerID: Worker] = [:]
    /// The workers that are ready, by number.
    private(set) var present: [WorkerID] = []
    private(set) var work = Work.nothing
    var counts = CoordinatorMachine.StepCounts()
    /// The step at which a worker could not do what it was given.
    private var failedAtStep: Int?
    /// The step at which somebody was lost last.
    private var lossAtStep: Int?
    /// Micro-shards that those could compute at once whom nobody has come for since.
    private var vacancies = 0
    /// Those who have not been told yet what the step after their first will probably give them.
    private var strangers: Set<WorkerID> = []
    /// When somebody came last.
    private var lastArrival = Duration.zero
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
            guard !workers.isEmpty else { break }
            if !ledger.pending.isEmpty {
                work = .nothing  // so that the ledger is held once while it changes
                handOut(&ledger, &actions)
                work = .step(ledger)
            }
            if ledger.pending.isEmpty { introduce(to: ledger, &actions) }
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
        case .ready(let worker, let threads, let count, let isSpare):
            let (threads, count) = (max(threads, 1), max(count, 1))
            lastArrival = now
            guard workers[worker] == nil else {
                workers[worker]?.threads = threads
                workers[worker]?.workers = count
                break
            }
            let known = spares.removeValue(forKey: worker)
            if known == nil { strangers.insert(worker) }
            var newcomer =
                known
                ?? Worker(threads: threads, workers: count, lastHeard: now)
            (newcomer.threads, newcomer.workers, newcomer.lastHeard) = (threads, count, now)
            if isSpare {
                spares[worker] = newcomer
                fillVacancies()
            } else {
                admit(worker, newcomer)
            }
        case .left(let worker, let reason): dismiss(worker, reason: reason, &actions)
        case .failed(let worker, let reason):
            guard workers[worker] != nil else { break }
            // One worker's trouble may be its own; what a second one cannot do either is the run's.
            if failedAtStep == order || workers.count == 1 { return [.failure(reason: reason)] }
            failedAtStep = order
            dismiss(worker, reason: .failed(reason), &actions)
        case .heard(let worker):
            workers[worker]?.lastHeard = now
            spares[worker]?.lastHeard = now
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
            // A spare that is promoted on the way is looked at all the same.
            for worker in present + spares.keys.sorted()
            where now - (workers[worker] ?? spares[worker])!.lastHeard > heartbeatTimeout {
                dismiss(
                    worker, reason: .silent(heartbeatTimeout), &actions)
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

    private mutating func admit(_ worker: WorkerID, _ newcomer: Worker) {
        workers[worker] = newcomer
        let place = present.lastIndex { $0 < worker }.map { $0 + 1 } ?? 0
        present.insert(worker, at: place)
        counts.joins += 1
        vacancies = max(0, vacancies - newcomer.threads)
    }

    /// Has spares, the longest there first, take the places of those who were lost.
    private mutating func fillVacancies() {
        while vacancies > 0, !spares.isEmpty { promote() }
    }

    /// Has the spare that has been there longest, if there is any, take part.
    private mutating func promote() {
        guard let first = spares.keys.min(), let spare = spares.removeValue(forKey: first)
        else { return }
        admit(first, spare)
    }

    /// Has so many spares take part, if for a heartbeat's timeout nobody has come: those the run waits
    /// for may have died with the coordinator's memory of them.
    mutating func callUp(_ count: Int, at now: Duration) {
        guard now - lastArrival > heartbeatTimeout else { return }
        for _ in 0..<count { promote() }
    }

    private mutating func dismiss(
        _ worker: WorkerID, reason: LossReason, _ actions: inout [Action]
    ) {
        strangers.remove(worker)
        if spares.removeValue(forKey: worker) != nil {
            actions.append(.dismissed(worker, reason: reason, reissued: 0))
        }
        guard let lost = workers.removeValue(forKey: worker) else { return }
        lossAtStep = order
        vacancies += lost.threads
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
        fillVacancies()
        actions.append(.dismissed(worker, reason: reason, reissued: reissued))
    }

    // MARK: What comes in

    /// The books of the step at hand, taken out so that they are held once while they change.
    ///
    /// Whoever asks puts them back. What is of another step, or from somebody who has no say in it,
    /// is counted.
    private mutating func books(
        of step: Int, if hasSay: (StepLedger) -> Bool
    ) -> StepLedger? {
        guard case .step(let ledger) = work, step == ledger.step, hasSay(ledger) else {
            counts.duplicates += 1
            return nil
        }
        work = .nothing
        return ledger
    }

    private mutating func take(
        _ parts: [Contribution], step: Int, node: TreeNode, round: Int, from worker: WorkerID,
        _ actions: inout [Action]
    ) -> [Gain] {
        guard var ledger = books(of: step, if: { $0.isLeased(within: node, to: worker) }) else {
            return []
        }
        do {
            let complete = try ledger.take(parts, of: node, round: round, from: worker)
            work = .step(ledger)
            lastAdvance = now
            return complete.map { .contribution($0.node, round: round, $0.sums) }
        } catch {
            work = .step(ledger)
            dismiss(worker, reason: .invalidResult("\(error)"), &actions)
            return []
        }
    }

    private mutating func take(
        _ gradient: Tensor, step: Int, node: TreeNode, bucket: Int, from worker: WorkerID,
        _ actions: inout [Action]
    ) -> [Gain] {
        guard var ledger = books(of: step, if: { $0.isLeased(node, to: worker) }) else { return [] }
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
        guard var ledger = books(of: step, if: { $0.isLeased(node, to: worker) }) else { return [] }
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
        for worker in present { workers[worker]!.settle(before: ledger.step) }
        if ledger.isInPieces || awaitsSomebody(at: ledger.step) {
            return handOutPieces(&ledger, &actions)
        }
        let pace = usualPace
        let loads = ledger.loads
        // With more workers than micro-shards, those that computed the last step have its weights
        // and the next clouds at hand: another must be a quarter faster to take one's place.
        let hasSpares = workers.count > shape.shards
        let offers = inOrder(at: ledger.step).map { worker in
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

    /// The workers in the order of the micro-shards they have prepared; who has prepared none stands
    /// where there is a gap.
    private func inOrder(at step: Int) -> [WorkerID] {
        let ahead = present.map { workers[$0]!.ahead(at: step) }
        let prepared = ahead.reduce(into: Set<Int>()) { $0.formUnion($1) }
        let gap = (0..<shape.shards).first { !prepared.contains($0) } ?? shape.shards
        return zip(ahead, present).map { (place: $0.min() ?? gap, worker: $1) }
            .sorted { ($0.place, $0.worker) < ($1.place, $1.worker) }.map(\.worker)
    }

    // MARK: Losses

    /// Steps for which somebody is expected in a lost one's place.
    private static let patience = 100

    private func awaitsSomebody(at step: Int) -> Bool {
        vacancies > 0 && lossAtStep.map { step - $0 <= Self.patience } ?? false
    }

    /// Hands out single micro-shards, to each worker no more than it computes at once and one beside:
    /// whoever comes in the stead of one that was lost finds something to do, and nobody is left to
    /// do alone what came back.
    private mutating func handOutPieces(
        _ ledger: inout StepLedger, _ actions: inout [Action]
    ) {
        ledger.isInPieces = true
        ledger.splitPending(into: ledger.pending.flatMap(leaves(of:)))
        let pace = usualPace
        var loads = ledger.presentLoads
        var given: [WorkerID: [TreeNode]] = [:]
        while !ledger.pending.isEmpty {
            // Nothing lies ready for who is new: others may be done with it before. Nor for anybody
            // while somebody is still to come in a lost one's place.
            let free = present.filter {
                let beside = vacancies > 0 || workers[$0]!.pace == nil ? 0 : 1
                return loads[$0, default: 0] < workers[$0]!.threads + beside
            }
            let next = free.min { a, b in
                let (doneA, doneB) = (
                    Double(loads[a, default: 0] + 1) / speed(of: a, usually: pace),
                    Double(loads[b, default: 0] + 1) / speed(of: b, usually: pace)
                )
                return (doneA, a) < (doneB, b)
            }
            guard let worker = next else { break }
            let node = piece(of: ledger.pending, for: workers[worker]!)
            ledger.lease([node], to: worker, at: now)
            loads[worker, default: 0] += 1
            given[worker, default: []].append(node)
        }
        for worker in given.keys.sorted() {
            hand(given[worker]!, of: ledger, to: worker, &actions)
        }
    }

    /// Has those who are new prepare what the next step will probably give them, once the step at hand
    /// has nothing left for them: the micro-shards that nobody else prepares, or else the last ones.
    ///
    /// They are told by a lease that wants nothing. A spare goes through one micro-shard, so that its
    /// memory is touched when it is needed.
    private mutating func introduce(to ledger: StepLedger, _ actions: inout [Action]) {
        guard !strangers.isEmpty else { return }
        func introduction(_ shards: [Int]) -> Lease? {
            let clouds = shards.flatMap { ledger.clouds(of: TreeNode(shard: $0)) }
            return clouds.isEmpty ? nil : Lease(step: ledger.step, nodes: [], shards: clouds)
        }
        for spare in spares.keys.sorted() where strangers.contains(spare) {
            guard let lease = (0..<shape.shards).lazy.compactMap({ introduction([$0]) }).first
            else { break }
            strangers.remove(spare)
            actions.append(.lease(spare, lease))
        }
        guard workers.count <= shape.shards else { return }
        for worker in present where strangers.remove(worker) != nil {
            let shards = vacant(for: worker, at: ledger.step + 1)
            guard let lease = introduction(shards) else { continue }
            workers[worker]!.note(lease: shards, step: ledger.step)
            actions.append(.lease(worker, lease))
        }
    }

    /// What a step will probably give a worker and it has not prepared.
    private func vacant(for worker: WorkerID, at step: Int) -> [Int] {
        let others = present.filter { $0 != worker }
        let taken = others.reduce(into: Set<Int>()) {
            $0.formUnion(workers[$1]!.ahead(at: step))
        }
        let share = max(1, shape.shards * workers[worker]!.threads / max(threads, 1))
        let all = Array(0..<shape.shards)
        let gap = all.filter { !taken.contains($0) }
        let own = workers[worker]!.ahead(at: step)
        return (gap.isEmpty ? all.suffix(share) : gap.prefix(share)).filter { !own.contains($0) }
    }

    /// Of pending leaves the one whose clouds a worker has probably prepared, and for one that has
    /// prepared none the one that others come to last.
    private func piece(of pending: [TreeNode], for worker: Worker) -> TreeNode {
        pending.first { worker.probablyHasAhead($0.index) }
            ?? (worker.pace == nil ? pending[pending.count - 1] : pending[0])
    }

    private func leaves(of node: TreeNode) -> [TreeNode] {
        node.shards(of: shape.shards).map(TreeNode.init(shard:))
    }

    /// Tells a worker what it is to do, and what it must know for it.
    private mutating func hand(
        _ nodes: [TreeNode], of ledger: StepLedger, to worker: WorkerID,
        _ actions: inout [Action]
    ) {
        workers[worker]?.note(
            lease: nodes.flatMap { $0.shards(of: shape.shards) }, step: ledger.step)
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

    /// How long a thread works at a micro-shard, on average over the workers of which that is known.
    private var usualPace: Double {
        let settled = workers.values.compactMap(\.settledPace)
        let paces = settled.isEmpty ? workers.values.compactMap(\.pace) : settled
        return paces.isEmpty ? 1 : paces.sorted().reduce(0, +) / Double(paces.count)
    }

    /// Micro-shards a second, as far as is known: a worker that has hardly begun is taken to be as
    /// fast, thread for thread, as the others are on average.
    private func speed(of worker: WorkerID, usually pace: Double) -> Double {
        let known = workers[worker]!
        return Double(known.threads) / (known.settledPace ?? pace)
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
