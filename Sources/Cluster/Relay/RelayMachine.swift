import Distillation
import Tensors
import Training

/// What a relay does between a coordinator and workers: the relay without its sockets.
///
/// A pure state machine. To those above it is a worker: it is told what a ``WorkerMachine`` is told
/// and answers as one. To those below it is a coordinator, whose part it shares with
/// ``CoordinatorMachine``. What goes up are the sums of the nodes it was leased, over the same tree as
/// everywhere, so that a relay, or several one above the other, change no bit.
package struct RelayMachine: Sendable {
    /// What the driver is to do, in this order.
    package enum Action: Sendable {
        /// Tell whoever is above, as a worker does.
        case up(WorkerMachine.Action)
        /// Tell those below, as a coordinator does.
        case down(CoordinatorMachine.Action)
        /// Nobody below can do what was leased: say so above.
        case failed(reason: String)
    }

    /// Work in the order a run asks for it: the labels of a version before the step from there.
    private struct Order: Comparable {
        var step = -1
        var isStep = false

        static func < (a: Order, b: Order) -> Bool {
            a.step == b.step ? !a.isStep && b.isStep : a.step < b.step
        }
    }

    private var team: Team
    private var order = Order()

    /// A relay that has just been welcomed, with nobody behind it.
    package init(_ shape: StepShape, heartbeatTimeout: Duration) {
        team = Team(shape, heartbeatTimeout: heartbeatTimeout)
    }

    /// The step that is worked at, or the version that is labelled; -1 before the first.
    package var step: Int { order.step }
    /// How many workers and relays there are right below it.
    package var present: Int { team.present.count }
    /// How many micro-shards those behind it compute at once.
    package var threads: Int { team.threads }
    /// How many workers are behind it.
    package var workers: Int { team.strength }

    /// Takes what those above say; weights are not its affair.
    package mutating func hear(
        fromAbove event: WorkerMachine.Event, at now: Duration
    ) -> [Action] {
        var actions: [CoordinatorMachine.Action] = []
        switch event {
        case .lease(let lease):
            guard begins(Order(step: lease.step, isStep: true)) else { return [] }
            team.begin(step: lease.step, wanting: lease.nodes, lease.shards)
        case .totals(let step, let round, let totals):
            guard begins(Order(step: step, isStep: true)) else { return [] }
            team.begin(step: step, wanting: [], [])
            team.settle(round: round, totals, at: now, &actions)
        case .evaluate(let version, let samples):
            guard begins(Order(step: version, isStep: false)) else { return [] }
            team.begin(labelling: samples, version: version)
        case .bucket, .forwarded, .gradient, .finished, .evaluated: return []
        }
        team.shareOut(at: now, &actions)
        return actions.map { .down($0) }
    }

    /// Whether this is what the run is at: whatever is older is not waited for any more.
    private mutating func begins(_ order: Order) -> Bool {
        guard order >= self.order else { return false }
        self.order = order
        return true
    }

    /// Takes what happens below.
    package mutating func hear(
        fromBelow event: CoordinatorMachine.Event, at now: Duration
    ) -> [Action] {
        var down: [CoordinatorMachine.Action] = []
        let gains = team.handle(event, at: now, &down)
        switch event {
        case .heard, .evaluated: break
        default: team.shareOut(at: now, &down)
        }
        let step = order.step
        return down.map { .down($0) }
            + gains.map { gain in
                switch gain {
                case .contribution(let node, let round, let sums):
                    .up(.sendContribution(step: step, node: node, round: round, sums))
                case .gradient(let node, let bucket, let sum):
                    .up(.sendPartial(step: step, node: node, bucket: bucket, sum))
                case .report(let node, let sum):
                    .up(.sendReport(step: step, node: node, sum))
                case .label(let sample, let matrix):
                    .up(.sendEvaluated(version: step, sample: sample, matrix))
                case .failure(let reason): .failed(reason: reason)
                }
            }
    }
}
