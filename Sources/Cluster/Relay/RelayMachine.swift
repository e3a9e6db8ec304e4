import Distillation
import Tensors
import Training

/// Relay between a coordinator and workers, without sockets.
///
/// A pure state machine. To the side above it is a worker: it receives the events of a
/// ``WorkerMachine`` and answers as one. To the side below it is a coordinator, with which it shares the
/// ``WorkDispatcher``. It passes up the sums of the nodes it was leased, over the same tree as
/// everywhere, so that relays, also several one above the other, change no bit.
package struct RelayMachine: Sendable {
    /// Actions that a driver carries out in their order.
    package enum Action: Sendable {
        /// Send a result to the side above, as a worker does.
        case up(WorkerMachine.Action)
        /// Act towards the side below, as a coordinator does.
        case down(CoordinatorMachine.Action)
        /// Tell the side above that no worker below can do what was leased.
        case failed(reason: String, isDivergence: Bool)
    }

    /// Position in the order in which a run asks for work: the labels of a version come before the
    /// step that begins with it.
    private struct Order: Comparable {
        var step = -1
        var isStep = false

        static func < (a: Order, b: Order) -> Bool {
            a.step == b.step ? !a.isStep && b.isStep : a.step < b.step
        }
    }

    private var work: WorkDispatcher
    private var order = Order()

    /// A relay that was just welcomed, without workers.
    package init(_ shape: StepShape, heartbeatTimeout: Duration) {
        work = WorkDispatcher(shape, heartbeatTimeout: heartbeatTimeout)
    }

    /// The step at hand, or the version that is validated; -1 before the first.
    package var step: Int { order.step }
    /// Number of active workers and relays directly below it.
    package var activeCount: Int { work.membership.active.count }
    /// The record of a worker below; nil if it is not a member.
    func member(_ worker: WorkerID) -> Member? { work.membership[worker] }
    /// Micro-shards that the workers below it compute at once.
    package var threads: Int { work.membership.threads }
    /// Number of workers below it, including those behind further relays.
    package var workerCount: Int { work.membership.workerCount }

    /// Handles an event from above; weights are passed on without this machine.
    package mutating func handle(
        fromAbove event: WorkerMachine.Event, at now: Duration
    ) -> [Action] {
        var actions: [CoordinatorMachine.Action] = []
        switch event {
        case .lease(let lease):
            guard advance(to: Order(step: lease.step, isStep: true)) else { return [] }
            work.begin(step: lease.step, wanting: lease.nodes, lease.shards)
        case .totals(let step, let round, let totals):
            guard advance(to: Order(step: step, isStep: true)) else { return [] }
            work.begin(step: step, wanting: [], [])
            work.endExchange(round, totals, at: now, &actions)
        case .evaluate(let version, let samples):
            guard advance(to: Order(step: version, isStep: false)) else { return [] }
            work.begin(labelling: samples, version: version)
        case .bucket, .forwarded, .gradient, .finished, .evaluated: return []
        }
        work.lease(at: now, &actions)
        return actions.map { .down($0) }
    }

    /// Advances to a position in the run's order; false if the run is past it already.
    private mutating func advance(to order: Order) -> Bool {
        guard order >= self.order else { return false }
        self.order = order
        return true
    }

    /// Handles an event from below.
    package mutating func handle(
        fromBelow event: CoordinatorMachine.Event, at now: Duration
    ) -> [Action] {
        var down: [CoordinatorMachine.Action] = []
        let completions = work.handle(event, at: now, &down)
        switch event {
        case .joined, .heard, .fetching, .evaluated: break
        default: work.lease(at: now, &down)
        }
        return down.map { .down($0) } + completions.map(report)
    }

    // Only sums go up: with 64 workers behind 4 relays, a coordinator receives 5.8 MB in 16 messages per
    // step instead of 92.8 MB in 256.
    private func report(_ completion: Completion) -> Action {
        let step = order.step
        return switch completion {
        case .contribution(let node, let round, let sums):
            .up(.sendContribution(step: step, node: node, round: round, sums))
        case .gradient(let node, let bucket, let sum):
            .up(.sendPartial(step: step, node: node, bucket: bucket, sum))
        case .report(let node, let sum):
            .up(.sendReport(step: step, node: node, sum))
        case .label(let sample, let matrix):
            .up(.sendEvaluated(version: step, sample: sample, matrix))
        case .failure(let reason, let isDivergence):
            .failed(reason: reason, isDivergence: isDivergence)
        }
    }
}
