import Cluster
import Distillation
import Tensors
import Testing
import Training

/// Results that were not leased to their sender change nothing: four micro-shards, two workers, one
/// exchange.
@Suite struct UnleasedResultTests {
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
        machine.deliver(node, by: worker, step: step, at: .seconds(2))
    }

    @Test("contributions of other workers' micro-shards are ignored")
    mutating func foreignContributionsAreIgnored() {
        #expect(contribute(0..<4, by: 1).isEmpty)
        // Had those of 2 and 3 counted, these would complete the exchange as the third and fourth.
        #expect(contribute(2..<3, by: 2).isEmpty)
        let last = contribute(3..<4, by: 2)
        guard case .totals(_, 0, 0, let totals)? = last.first else {
            Issue.record("The exchange has not ended: \(last)")
            return
        }
        #expect(totals[0].whole.counts == [4])
    }

    @Test("gradients of other workers' nodes are ignored")
    mutating func foreignGradientsAreIgnored() {
        _ = contribute(0..<2, by: 1) + contribute(2..<4, by: 2)
        #expect(finish(right, by: 1).isEmpty)
        #expect(finish(TreeNode(shard: 0), by: 1).isEmpty, "a part of its node is not its node")
        #expect(finish(TreeNode(level: 2, index: 0), by: 1).isEmpty)
        #expect(finish(left, by: 1).isEmpty)
        #expect(machine.step == 0)
        _ = finish(right, by: 2)
        #expect(machine.step == 1)
    }

    @Test("results of an earlier step are ignored")
    mutating func resultsOfAnEarlierStepAreIgnored() {
        _ = contribute(0..<2, by: 1) + contribute(2..<4, by: 2)
        _ = finish(left, by: 1) + finish(right, by: 2)
        validate()
        #expect(machine.step == 1)
        let again = contribute(0..<4, by: 1, step: 0) + finish(left, by: 1, step: 0)
        #expect(again.isEmpty)
        #expect(contribute(0..<2, by: 1, step: 1).isEmpty)
        #expect(
            contribute(2..<4, by: 2, step: 1).count == 1,
            "the second step's exchange is independent")
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

    @Test("a worker that contributes other clouds is removed and its work leased to others")
    mutating func contributionOfOtherCloudsRemovesItsSender() {
        _ = contribute(0..<2, by: 1)
        let answer = contribute(
            2..<3, by: 2, [.init(counts: [1], gathered: [.init(place: 3, tensor: Tensor(1))])])
        guard case .dismissed(2, let reason, 1)? = answer.first,
            case .lease(1, let lease)? = answer.last
        else {
            Issue.record("The worker was not removed: \(answer)")
            return
        }
        #expect(reason.description.contains("not its own"))
        #expect(lease.nodes == [TreeNode(shard: 3)])
        guard case .lease(1, let rest)? = contribute(3..<4, by: 1).first else {
            Issue.record("The other half is not leased.")
            return
        }
        #expect(rest.nodes == [TreeNode(shard: 2)])
        #expect(contribute(2..<3, by: 1).count == 1, "the exchange ends nevertheless")
    }

    @Test("an overdue sample is leased to an idle worker, and counts once")
    mutating func overdueSampleIsLeasedAgain() {
        _ = contribute(0..<2, by: 1) + contribute(2..<4, by: 2)
        _ = finish(left, by: 1) + finish(right, by: 2)
        func label(_ sample: Int, by worker: WorkerID, at second: Int) {
            _ = machine.handle(
                .evaluated(worker, version: 1, sample: sample, ConfusionMatrix(classes: 1)),
                at: .seconds(second))
        }
        func evaluations(at second: Int) -> [WorkerID: [Int]] {
            for worker in [1, 2] as [WorkerID] {
                _ = machine.handle(.heard(worker), at: .seconds(second))
            }
            return machine.handle(.tick, at: .seconds(second)).reduce(into: [:]) {
                if case .evaluate(let worker, _, let samples) = $1 {
                    $0[worker, default: []] += samples
                }
            }
        }
        // Both samples are leased to worker 1, which labels neither.
        let holder = machine.waits.first?.worker
        #expect(holder == 1 && machine.waits.count == 1)
        #expect(evaluations(at: 6).isEmpty)
        #expect(evaluations(at: 31).isEmpty)
        #expect(evaluations(at: 33) == [2: [0]])
        label(0, by: 2, at: 34)
        #expect(evaluations(at: 40) == [2: [1]])
        label(1, by: 2, at: 41)
        #expect(machine.waits.allSatisfy { $0.part != .label }, "the validation is complete")
        let before = machine.step
        label(1, by: 1, at: 42)
        #expect(machine.step == before && machine.waits.allSatisfy { $0.part != .label })
    }

    @Test("labels of other workers' samples are ignored")
    mutating func foreignLabelsAreIgnored() {
        _ = contribute(0..<2, by: 1) + contribute(2..<4, by: 2)
        _ = finish(left, by: 1) + finish(right, by: 2)
        // The samples are leased to workers 1 and 2; worker 7 holds neither.
        for sample in [0, 1] {
            _ = machine.handle(
                .evaluated(7, version: 1, sample: sample, ConfusionMatrix(classes: 1)),
                at: .seconds(3))
        }
        #expect(!machine.waits.isEmpty, "the label was ignored")
        validate()
        #expect(machine.waits.allSatisfy { $0.part != .label })
    }
}
