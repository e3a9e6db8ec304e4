import Cluster
import Distillation
import Tensors
import Testing
import Training

/// What a worker says of work that is not its own changes nothing: four micro-shards, two workers,
/// one exchange.
@Suite struct AskedForTests {
    private var machine: CoordinatorMachine
    private let left = TreeNode(level: 1, index: 0)
    private let right = TreeNode(level: 1, index: 1)

    init() {
        machine = CoordinatorMachine(
            ofFourShards: .init(
                shards: 4, buckets: 1, exchanges: 1, steps: 3, validateEvery: 1,
                validation: [0, 1],
                minimumWorkers: 2))
    }

    private mutating func contribute(
        _ shards: Range<Int>, by worker: WorkerID, _ parts: [Contribution] = [.init(counts: [1])],
        step: Int = 0
    ) -> [CoordinatorMachine.Action] {
        shards.flatMap {
            machine.handle(
                .contribution(worker, step: step, node: TreeNode(shard: $0), round: 0, parts),
                at: .seconds(1))
        }
    }

    private mutating func finish(
        _ node: TreeNode, by worker: WorkerID, step: Int = 0
    ) -> [CoordinatorMachine.Action] {
        machine.handle(
            .partial(worker, step: step, node: node, bucket: 0, Tensor(1)), at: .seconds(2))
            + machine.handle(
                .report(worker, step: step, node: node, ShardReport(values: [0])), at: .seconds(2))
    }

    @Test mutating func contributionsOfOthersMicroShardsArePassedOver() {
        #expect(contribute(0..<4, by: 1).isEmpty)
        // Had those of 2 and 3 counted, these would complete the exchange as the third and fourth.
        #expect(contribute(2..<3, by: 2).isEmpty)
        let last = contribute(3..<4, by: 2)
        guard case .totals(_, 0, 0, let totals)? = last.first else {
            Issue.record("The exchange is not over: \(last)")
            return
        }
        #expect(totals[0].whole.counts == [4])
    }

    @Test mutating func gradientsOfOthersNodesArePassedOver() {
        _ = contribute(0..<2, by: 1) + contribute(2..<4, by: 2)
        #expect(finish(right, by: 1).isEmpty)
        #expect(finish(TreeNode(shard: 0), by: 1).isEmpty, "a part of its own node is not its node")
        #expect(finish(TreeNode(level: 2, index: 0), by: 1).isEmpty)
        #expect(finish(left, by: 1).isEmpty)
        #expect(machine.step == 0)
        _ = finish(right, by: 2)
        #expect(machine.step == 1)
    }

    @Test mutating func whatBelongsToAnEarlierStepIsPassedOver() {
        _ = contribute(0..<2, by: 1) + contribute(2..<4, by: 2)
        _ = finish(left, by: 1) + finish(right, by: 2)
        validate()
        #expect(machine.step == 1)
        let again = contribute(0..<4, by: 1, step: 0) + finish(left, by: 1, step: 0)
        #expect(again.isEmpty)
        #expect(contribute(0..<2, by: 1, step: 1).isEmpty)
        #expect(contribute(2..<4, by: 2, step: 1).count == 1, "the second exchange is its own")
    }

    private mutating func validate() {
        for sample in [0, 1] {
            for worker in [1, 2] as [WorkerID] {
                _ = machine.handle(
                    .evaluated(worker, version: 1, sample: sample, ConfusionMatrix(classes: 1)),
                    at: .seconds(3))
            }
        }
    }

    @Test mutating func whoContributesOtherShapesIsDismissedAndItsWorkGivenToOthers() {
        _ = contribute(0..<2, by: 1)
        let answer = contribute(2..<3, by: 2, [.init(counts: [1, 2])])
        guard case .dismissed(2, let reason, 1)? = answer.first,
            case .lease(1, let lease)? = answer.last
        else {
            Issue.record("It stays: \(answer)")
            return
        }
        #expect(reason.description.contains("other shapes"))
        #expect(lease.nodes == [TreeNode(shard: 3)])
        guard case .lease(1, let rest)? = contribute(3..<4, by: 1).first else {
            Issue.record("The other half is nobody's.")
            return
        }
        #expect(rest.nodes == [TreeNode(shard: 2)])
        #expect(contribute(2..<3, by: 1).count == 1, "the exchange is over all the same")
    }

    @Test mutating func samplesOfOthersAreNotValidatedByAnybodyElse() {
        _ = contribute(0..<2, by: 1) + contribute(2..<4, by: 2)
        _ = finish(left, by: 1) + finish(right, by: 2)
        // Each holds one of the two samples, or the first both: a stranger neither.
        for sample in [0, 1] {
            _ = machine.handle(
                .evaluated(7, version: 1, sample: sample, ConfusionMatrix(classes: 1)),
                at: .seconds(3))
        }
        #expect(!machine.waits.isEmpty, "nothing was taken")
        validate()
        #expect(machine.waits.allSatisfy { $0.part != .label })
    }
}
