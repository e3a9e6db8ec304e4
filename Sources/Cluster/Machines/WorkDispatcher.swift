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
    /// The step or version at which a worker last failed to do its work.
    private var lastFailure: Int?
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
        step.map { leases.holders(in: $0) } ?? validation?.holders ?? []
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

    /// Ends the step or the validation at hand, complete or not.
    mutating func end() {
        step = nil
        leases = LeaseTable(shards: shape.shards)
        validation = nil
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
        case .joined(let worker, let threads):
            membership.join(worker, threads: threads, at: now)
        case .ready(let worker, let threads, let count, let isStandby):
            let active = membership.ready(
                worker, threads: threads, workerCount: count, isStandby: isStandby, at: now)
            counts.joins += active.count
        case .left(let worker, let reason): remove(worker, reason: reason, &actions)
        case .failed(let worker, let reason):
            guard membership[worker]?.role == .active else { break }
            // One worker's failure may be its machine's; a second worker's is the run's.
            if lastFailure == order || membership.active.count == 1 {
                return [.failure(reason: reason)]
            }
            lastFailure = order
            remove(worker, reason: .failed(reason), &actions)
        case .heard(let worker): membership.hear(worker, at: now)
        case .contribution(let worker, let step, let node, let round, let parts):
            membership.hear(worker, at: now)
            return receive(
                parts, step: step, node: node, round: round, from: worker, at: now, &actions)
        case .partial(let worker, let step, let node, let bucket, let gradient):
            membership.hear(worker, at: now)
            return receive(
                gradient, step: step, node: node, bucket: bucket, from: worker, at: now, &actions)
        case .report(let worker, let step, let node, let report):
            membership.hear(worker, at: now)
            membership.record(
                report.times, shards: node.shards(of: shape.shards).count, of: worker)
            return receive(report, step: step, node: node, from: worker, at: now)
        case .evaluated(let worker, let version, let sample, let matrix):
            membership.hear(worker, at: now)
            return receive(
                matrix, version: version, sample: sample, from: worker, at: now, &actions)
        case .tick: tick(at: now, &actions)
        case .stop: break
        }
        return []
    }

    /// Removes silent members, leases what they held and helps members that are too slow.
    private mutating func tick(at now: Duration, _ actions: inout [Action]) {
        for worker in membership.expired(at: now) {
            remove(worker, reason: .silent(membership.timeout), &actions)
        }
        lease(at: now, &actions)
        doubleOverdue(at: now, &actions)
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
