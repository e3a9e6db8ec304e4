import Cluster
import Distillation
import Tensors
import Testing
import Training

/// Slow workers: two workers of one thread each, four micro-shards, no exchange.
///
/// The first step is done, the second under way.
@Suite struct StragglerTests {
    private var machine: CoordinatorMachine
    private let left = TreeNode(level: 1, index: 0)
    private let right = TreeNode(level: 1, index: 1)

    init() {
        machine = CoordinatorMachine(
            ofFourShards: .init(
                shards: 4, buckets: 1, exchanges: 0, steps: 4, minimumWorkers: 2,
                heartbeatTimeout: .seconds(60)))
        machine.deliver(left, by: 1, step: 0, seconds: 4, at: .seconds(4))
        machine.deliver(right, by: 2, step: 0, seconds: 4, at: .seconds(4))
    }

    private func leases(_ actions: [CoordinatorMachine.Action]) -> [(WorkerID, Lease)] {
        actions.compactMap {
            if case .lease(let worker, let lease) = $0 { (worker, lease) } else { nil }
        }
    }

    @Test("an idle worker receives an overdue node")
    mutating func idleWorkerReceivesOverdueNode() throws {
        #expect(machine.step == 1)
        machine.deliver(right, by: 2, step: 1, seconds: 4, at: .seconds(8))
        // Twice as long as it should take is not long enough.
        #expect(leases(machine.handle(.tick, at: .seconds(12))).isEmpty)
        let helped = leases(machine.handle(.tick, at: .seconds(17)))
        let (worker, lease) = try #require(helped.first)
        #expect(helped.count == 1 && worker == 2 && lease.step == 1 && lease.nodes == [left])
        #expect(lease.shards.map(\.shard) == [0, 1])
        #expect(
            leases(machine.handle(.tick, at: .seconds(40))).isEmpty,
            "a node has two holders at most")
        machine.deliver(left, by: 2, step: 1, seconds: 4, at: .seconds(41))
        #expect(machine.step == 2, "the first result counts")
    }

    /// Two workers of one thread each, of which the first states far too much time for the first step.
    private func liar() -> CoordinatorMachine {
        var machine = CoordinatorMachine(
            ofFourShards: .init(
                shards: 4, buckets: 1, exchanges: 0, steps: 4, minimumWorkers: 2,
                heartbeatTimeout: .seconds(60)))
        machine.deliver(left, by: 1, step: 0, seconds: 4e6, at: .seconds(4))
        machine.deliver(right, by: 2, step: 0, seconds: 4, at: .seconds(4))
        return machine
    }

    @Test("stated times do not extend a deadline beyond what can have been worked")
    func statedTimesAreLimited() {
        var machine = liar()
        machine.deliver(right, by: 2, step: 1, seconds: 4, at: .seconds(8))
        #expect(leases(machine.handle(.tick, at: .seconds(12))).isEmpty)
        #expect(leases(machine.handle(.tick, at: .seconds(17))).map(\.0) == [2])
    }

    @Test(
        "a newcomer's node is overdue by the times of the others, after a heartbeat timeout at least"
    )
    mutating func newcomersAreMeasuredByOthers() throws {
        _ = machine.handle(.ready(3, threads: 1), at: .seconds(5))
        machine.deliver(left, by: 1, step: 1, seconds: 4, at: .seconds(8))
        let next = leases(machine.deliver(right, by: 2, step: 1, seconds: 4, at: .seconds(8)))
        let node = try #require(next.first { $0.0 == 3 }?.1.nodes.first)
        for (worker, lease) in next where worker != 3 {
            for node in lease.nodes {
                machine.deliver(node, by: worker, step: 2, seconds: 2, at: .seconds(12))
            }
        }
        _ = machine.handle(.heard(3, progress: 7), at: .seconds(60))
        #expect(leases(machine.handle(.tick, at: .seconds(60))).isEmpty)
        for worker in [1, 2, 3] as [WorkerID] {
            _ = machine.handle(.heard(worker, progress: 9), at: .seconds(65))
        }
        let helped = leases(machine.handle(.tick, at: .seconds(70)))
        #expect(helped.count == 1 && helped[0].1.nodes == [node] && helped[0].0 != 3)
        machine.deliver(node, by: helped[0].0, step: 2, seconds: 2, at: .seconds(72))
        #expect(machine.step == 3, "the run goes on without it")
    }

    @Test("a node whose second holder is late as well has a third")
    mutating func lateHelperIsHelped() {
        _ = machine.handle(.ready(3, threads: 1), at: .seconds(5))
        machine.deliver(right, by: 2, step: 1, seconds: 4, at: .seconds(8))
        var helpers: [WorkerID] = []
        for second in stride(from: 10, to: 200, by: 5) {
            for worker in [1, 2, 3] as [WorkerID] {
                _ = machine.handle(.heard(worker), at: .seconds(second))
            }
            helpers += leases(machine.handle(.tick, at: .seconds(second)))
                .filter { $0.1.nodes == [left] }.map(\.0)
        }
        #expect(helpers.sorted() == [2, 3], "each once")
    }

    @Test("a busy worker receives no overdue node")
    mutating func busyWorkerReceivesNoOverdueNode() {
        #expect(leases(machine.handle(.tick, at: .seconds(50))).isEmpty)
    }

    @Test("different results of one node are reported")
    mutating func differentResultsOfOneNodeAreReported() throws {
        machine.deliver(right, by: 2, step: 1, seconds: 4, at: .seconds(8))
        _ = machine.handle(.tick, at: .seconds(17))
        _ = machine.handle(
            .partial(2, step: 1, node: left, bucket: 0, Tensor(1)), at: .seconds(18))
        let wrong = machine.handle(
            .partial(1, step: 1, node: left, bucket: 0, Tensor(Float(1).nextUp)), at: .seconds(19))
        guard case .contradicted(1, left, 2, 1)? = wrong.first else {
            Issue.record("The results differ by one bit, and no action reports it: \(wrong)")
            return
        }
        let same = machine.handle(
            .partial(1, step: 1, node: left, bucket: 0, Tensor(1)), at: .seconds(19))
        #expect(same.isEmpty)
    }

    @Test("a node with two holders is not pending when the first holder is lost")
    mutating func nodeOfALostHolderStaysWithTheSecond() {
        machine.deliver(right, by: 2, step: 1, seconds: 4, at: .seconds(8))
        _ = machine.handle(.tick, at: .seconds(17))
        #expect(leases(machine.handle(.left(1, reason: .connectionLost), at: .seconds(18))).isEmpty)
        machine.deliver(left, by: 2, step: 1, seconds: 4, at: .seconds(20))
        #expect(machine.step == 2)
    }

    /// A worker that needs three times as long is leased one micro-shard of four; one slow step
    /// changes nothing.
    @Test("leases follow the measured throughput") mutating func leasesFollowTheMeasuredSpeed()
        throws
    {
        func counts(_ actions: [CoordinatorMachine.Action]) -> [WorkerID: Int] {
            Dictionary(uniqueKeysWithValues: leases(actions).map { ($0, $1.shards.count) })
        }
        machine.deliver(left, by: 1, step: 1, seconds: 12, at: .seconds(20))
        #expect(
            counts(machine.deliver(right, by: 2, step: 1, seconds: 4, at: .seconds(20))) == [
                1: 2, 2: 2,
            ])
        machine.deliver(left, by: 1, step: 2, seconds: 12, at: .seconds(40))
        #expect(
            counts(machine.deliver(right, by: 2, step: 2, seconds: 4, at: .seconds(40))) == [
                1: 1, 2: 3,
            ])
    }
}
