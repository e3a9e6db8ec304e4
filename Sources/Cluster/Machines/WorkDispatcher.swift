import Distillation
import Telemetry
import Tensors
import Training

/// Distributes the work of a step or of a validation to members, and collects their results.
///
/// A coordinator and a relay have it in common. Its owner determines what is wanted and receives each
/// ``Completion``. Events go in and actions come out, in the order in which they are to be carried out,
/// as with ``CoordinatorMachine``. Time is an argument.
struct WorkDispatcher: Sendable {
    typealias Event = CoordinatorMachine.Event
    typealias Action = CoordinatorMachine.Action

    let shape: StepShape
    let scheduler: Scheduler
    var membership: Membership
    /// The results of the step at hand; nil between steps.
    var step: StepLedger?
    /// The leases of the step at hand.
    var leases: LeaseTable
    /// The validation at hand; nil between validations and during a step.
    var validation: ValidationLedger?
    /// Events since the last step, counted.
    var counts = CoordinatorMachine.StepCounts()
    /// The workers that could not do their work at a step or version.
    private var failures = (order: -1, workers: [String: WorkerID]())
    /// Time at which work was last leased or completed.
    var lastAdvance = Duration.zero

    /// A dispatcher without members or work.
    init(_ shape: StepShape, heartbeatTimeout: Duration) {
        self.shape = shape
        scheduler = Scheduler(shape: shape)
        membership = Membership(timeout: heartbeatTimeout)
        leases = LeaseTable(shards: shape.shards)
    }

    /// The workers for whose results the step or the validation waits.
    var awaitedWorkers: [WorkerID] {
        step.map { leases.holders(in: $0) } ?? validation?.workers ?? []
    }

    /// The step, or the version that is validated; -1 while there is no work.
    private var order: Int { step?.step ?? validation?.version ?? -1 }

    // MARK: Wanted results

    /// Begins a step, or continues the one at hand: the sums at these nodes are wanted.
    mutating func begin(step number: Int, wanting nodes: [TreeNode], _ clouds: [Lease.Shard]) {
        if step?.step != number {
            end()
            step = StepLedger(step: number, shape)
        }
        leases.add(step!.want(nodes, clouds))
    }

    /// Begins a validation, or continues the one at hand: labels of these samples are wanted.
    mutating func begin(labelling samples: [Int], version: Int) {
        if validation?.version != version {
            end()
            validation = ValidationLedger(version: version)
        }
        validation!.add(samples)
    }

    /// Whether a member holds a sample of the validation at hand.
    func holds(_ sample: Int, version: Int, _ worker: WorkerID) -> Bool {
        guard let validation, validation.version == version else { return false }
        return validation.samples(of: worker).contains(sample)
    }

    /// The most that a member can have worked on a node of the step at hand that it was leased; nil
    /// if it was not leased it, has reported on it or has not delivered its gradients.
    func mostWork(
        on node: TreeNode, step number: Int, by worker: WorkerID, at now: Duration
    ) -> Duration? {
        guard step?.step == number, leases.isLeased(node, to: worker),
            // Gradients precede the report. One without them would complete a step before the sound
            // worker's report, whose times would be lost.
            leases.hasDelivered(node, results: shape.buckets, by: worker)
        else { return nil }
        return membership[worker]?.mostWork(on: node.shards(of: shape.shards).count, at: now)
    }

    /// Ends the step or the validation at hand, complete or not.
    mutating func end() {
        if let step, step.isComplete { recordDeliveries(of: step.step) }
        step = nil
        leases = LeaseTable(shards: shape.shards)
        validation = nil
    }

    /// Records which members delivered what they were leased of a step that is complete.
    private mutating func recordDeliveries(of step: Int) {
        for (worker, forfeited, since) in leases.deliveries(of: shape.buckets + 1) {
            if forfeited > 0 {
                membership.recordForfeit(
                    by: worker, of: forfeited, step: step, after: lastAdvance - since)
            } else if leases.hasDelivered(by: worker, results: shape.buckets + 1) {
                membership.recordDelivery(by: worker)
            }
        }
    }

    /// Ends an exchange of the step at hand, of which the totals are now known.
    mutating func endExchange(
        _ round: Int, _ totals: [Totals], at now: Duration, _ actions: inout [Action]
    ) {
        guard step?.endExchange(round, totals, at: now) == true, let step else { return }
        actions.append(
            .totals(leases.holders(in: step), step: step.step, round: round, totals))
    }

    /// Returns the counts of the step that has ended, and begins new ones.
    mutating func takeCounts() -> CoordinatorMachine.StepCounts {
        defer { counts = CoordinatorMachine.StepCounts() }
        counts.workers = membership.workerCount
        return counts
    }

    // MARK: Events

    /// Handles an event; ``lease(at:_:)`` then leases the work that has become available.
    mutating func handle(
        _ event: Event, at now: Duration, _ actions: inout [Action]
    ) -> [Completion] {
        switch event {
        case .joined(let worker, let threads, let identity):
            membership.join(worker, threads: threads, identity: identity, at: now)
        case .ready(let worker, let threads, let count, let isStandby):
            let active = membership.ready(
                worker, threads: threads, workerCount: count, isStandby: isStandby, at: now)
            counts.joins += active.count
        case .left(let worker, let reason): remove(worker, reason: reason, &actions)
        case .failed(let worker, let reason, let isDivergence):
            return recordFailure(of: worker, reason, isDivergence: isDivergence, &actions)
        case .heard(let worker, let progress):
            membership.hear(worker, at: now)
            if let progress { membership.record(progress: progress, of: worker, at: now) }
        case .fetching(let worker):
            membership.hear(worker, at: now)
            membership.recordAdvance(of: worker, at: now)
        case .contribution(let worker, let step, let node, let round, let parts):
            membership.hear(worker, at: now)
            membership.recordAdvance(of: worker, at: now)
            return receive(
                parts, step: step, node: node, round: round, from: worker, at: now, &actions)
        case .partial(let worker, let step, let node, let bucket, let gradient):
            membership.hear(worker, at: now)
            membership.recordAdvance(of: worker, at: now)
            return receive(
                gradient, step: step, node: node, bucket: bucket, from: worker, at: now, &actions)
        case .report(let worker, let step, let node, let report):
            membership.hear(worker, at: now)
            membership.recordAdvance(of: worker, at: now)
            return receive(report, step: step, node: node, from: worker, at: now)
        case .evaluated(let worker, let version, let sample, let matrix):
            membership.hear(worker, at: now)
            membership.recordAdvance(of: worker, at: now)
            return receive(
                matrix, version: version, sample: sample, from: worker, at: now, &actions)
        case .tick: tick(at: now, &actions)
        case .stop: break
        }
        return []
    }

    /// Records that a member could not do its work: the run fails if no other member is left to do it.
    ///
    /// One worker's failure may be its machine's, and workers may lie. A worker that connects anew
    /// after its failure is the same worker.
    private mutating func recordFailure(
        of worker: WorkerID, _ reason: String, isDivergence: Bool, _ actions: inout [Action]
    ) -> [Completion] {
        guard let member = membership[worker], member.role == .active else { return [] }
        if failures.order != order { failures = (order, [:]) }
        let isKnown = hasFailed(worker)
        failures.workers[member.identity] = max(failures.workers[member.identity] ?? 0, worker)
        guard membership.active.contains(where: { $0 != worker && !hasFailed($0) }) else {
            return [.failure(reason: reason, isDivergence: isDivergence)]
        }
        remove(worker, reason: isKnown ? .failedAgain(reason) : .failed(reason), &actions)
        return []
    }

    /// Whether a member, or the same worker before it connected anew, has failed at the work at hand.
    ///
    /// Several workers may have one name: one that was there before the failure has not failed.
    private func hasFailed(_ worker: WorkerID) -> Bool {
        guard let member = membership[worker], let failed = failures.workers[member.identity]
        else { return false }
        return worker >= failed
    }

    /// Removes silent members and those that hang, leases what they held and helps members that are
    /// too slow.
    private mutating func tick(at now: Duration, _ actions: inout [Action]) {
        for worker in membership.expired(at: now) {
            remove(worker, reason: .silent(membership.timeout), &actions)
        }
        for (worker, standstill) in hanging(at: now) {
            remove(worker, reason: .hanging(standstill), &actions)
        }
        lease(at: now, &actions)
        doubleOverdue(at: now, &actions)
    }

    /// Members that answer, but whose computation of what they were leased has not advanced for far
    /// longer than any phase takes; none if no other member could take over.
    private func hanging(at now: Duration) -> [(worker: WorkerID, standstill: Duration)] {
        guard membership.active.count > 1 else { return [] }
        let times = ShardTimesOfMembers(membership)
        let hanging = awaitedSince.compactMap { worker, since -> (WorkerID, Duration)? in
            guard let member = membership[worker], let standstill = member.standstill(at: now),
                // A first step may take any time, and nothing is known of phases before it.
                let usual = times.median(without: member)
            else { return nil }
            let time = min(standstill, now - since)
            return time > max(membership.timeout * 12, .seconds(10 * usual)) ? (worker, time) : nil
        }
        // Where all hang, the reason is not theirs.
        return hanging.count < membership.active.count ? hanging.sorted { $0.0 < $1.0 } : []
    }

    /// The workers on whose results the step or the validation waits, and since when.
    private var awaitedSince: [WorkerID: Duration] {
        guard let step else { return validation?.heldSince ?? [:] }
        return leases.entries.reduce(into: [:]) { since, entry in
            guard step.isAwaited(entry.node) else { return }
            since[entry.worker] = max(since[entry.worker] ?? entry.since, step.lastExchange)
        }
    }

    /// Makes standby members active in place of workers that have not come for a heartbeat timeout.
    mutating func promoteStandby(missing count: Int, at now: Duration) {
        counts.joins += membership.promoteStandby(missing: count, at: now).count
    }

    mutating func remove(_ worker: WorkerID, reason: LossReason, _ actions: inout [Action]) {
        guard let left = membership.leave(worker, during: order) else { return }
        var reclaimed = 0
        if left.member.role == .active {
            counts.deaths += 1
            counts.joins += left.promoted.count
            if let step {
                reclaimed = leases.reclaim(from: worker, in: step)
                counts.reissued += reclaimed
            }
            step?.forget(worker)
            reclaimed += validation?.reclaim(from: worker) ?? 0
        }
        actions.append(.dismissed(worker, reason: reason, reissued: reclaimed))
    }
}
