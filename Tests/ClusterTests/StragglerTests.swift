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
        finish(left, by: 1, step: 0, seconds: 4, at: .seconds(4))
        finish(right, by: 2, step: 0, seconds: 4, at: .seconds(4))
    }

    private func report(seconds: Double) -> ShardReport {
        var times = ShardTimes()
        times[.backward] = .seconds(seconds)
        return ShardReport(values: [0], times: times)
    }

    @discardableResult
    private mutating func finish(
        _ node: TreeNode, by worker: WorkerID, step: Int, seconds: Double, value: Float = 1,
        at now: Duration
    ) -> [CoordinatorMachine.Action] {
        machine.handle(
            .partial(worker, step: step, node: node, bucket: 0, Tensor(value)), at: now)
            + machine.handle(
                .report(worker, step: step, node: node, report(seconds: seconds)), at: now)
    }

    private func leases(_ actions: [CoordinatorMachine.Action]) -> [(WorkerID, Lease)] {
        actions.compactMap {
            if case .lease(let worker, let lease) = $0 { (worker, lease) } else { nil }
        }
    }

    @Test("an idle worker receives an overdue node")
    mutating func idleWorkerReceivesOverdueNode() throws {
        #expect(machine.step == 1)
        finish(right, by: 2, step: 1, seconds: 4, at: .seconds(8))
        // Twice as long as it should take is not long enough.
        #expect(leases(machine.handle(.tick, at: .seconds(12))).isEmpty)
        let helped = leases(machine.handle(.tick, at: .seconds(17)))
        let (worker, lease) = try #require(helped.first)
        #expect(helped.count == 1 && worker == 2 && lease.step == 1 && lease.nodes == [left])
        #expect(lease.shards.map(\.shard) == [0, 1])
        #expect(
            leases(machine.handle(.tick, at: .seconds(40))).isEmpty,
            "a node has two holders at most")
        finish(left, by: 2, step: 1, seconds: 4, at: .seconds(41))
        #expect(machine.step == 2, "the first result counts")
    }

    @Test("a busy worker receives no overdue node")
    mutating func busyWorkerReceivesNoOverdueNode() {
        #expect(leases(machine.handle(.tick, at: .seconds(50))).isEmpty)
    }

    @Test("different results of one node are reported")
    mutating func differentResultsOfOneNodeAreReported() throws {
        finish(right, by: 2, step: 1, seconds: 4, at: .seconds(8))
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
        finish(right, by: 2, step: 1, seconds: 4, at: .seconds(8))
        _ = machine.handle(.tick, at: .seconds(17))
        #expect(leases(machine.handle(.left(1, reason: .connectionLost), at: .seconds(18))).isEmpty)
        finish(left, by: 2, step: 1, seconds: 4, at: .seconds(20))
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
        finish(left, by: 1, step: 1, seconds: 12, at: .seconds(20))
        #expect(
            counts(finish(right, by: 2, step: 1, seconds: 4, at: .seconds(20))) == [1: 2, 2: 2])
        finish(left, by: 1, step: 2, seconds: 12, at: .seconds(40))
        #expect(
            counts(finish(right, by: 2, step: 2, seconds: 4, at: .seconds(40))) == [1: 1, 2: 3])
    }
}
