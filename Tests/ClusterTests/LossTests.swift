import Cluster
import Distillation
import Tensors
import Testing
import Training

/// What becomes of the work of workers that are lost: two workers of one thread, four micro-shards,
/// one exchange.
@Suite struct LossTests {
    private var machine = CoordinatorMachine(
        ofFourShards: .init(
            shards: 4, buckets: 1, exchanges: 1, steps: 9, minimumWorkers: 2,
            heartbeatTimeout: .seconds(60)))
    private var clock = Duration.zero

    /// What a worker has been told to do: the shards of each lease it has not been through.
    private var told: [WorkerID: [[Int]]] = [1: [[0, 1]], 2: [[2, 3]]]
    /// The shards it has been told to prepare for the next step.
    private var introduced: [WorkerID: [Int]] = [:]

    private mutating func happens(_ event: CoordinatorMachine.Event) {
        clock += .milliseconds(10)
        for case .lease(let worker, let lease) in machine.handle(event, at: clock) {
            guard !lease.nodes.isEmpty else {
                introduced[worker, default: []] += lease.shards.map(\.shard)
                continue
            }
            told[worker, default: []].append(lease.nodes.map { $0.shards(of: 4).lowerBound })
        }
    }

    private mutating func forward(_ worker: WorkerID, _ shard: Int) {
        happens(
            .contribution(
                worker, step: machine.step, node: TreeNode(shard: shard), round: 0,
                [Contribution(counts: [1])]))
    }

    private mutating func backward(_ worker: WorkerID, _ node: TreeNode, seconds: Double = 1) {
        var times = ShardTimes()
        times[.backward] = .seconds(seconds * Double(node.shards(of: 4).count))
        happens(.partial(worker, step: machine.step, node: node, bucket: 0, Tensor(1)))
        happens(
            .report(
                worker, step: machine.step, node: node, ShardReport(values: [0], times: times)))
    }

    /// A first step, so that everybody's pace is known; its leases are whole nodes.
    private mutating func takeAStep() {
        told = [:]
        for shard in 0..<4 { forward(shard < 2 ? 1 : 2, shard) }
        backward(1, TreeNode(level: 1, index: 0))
        backward(2, TreeNode(level: 1, index: 1))
    }

    @Test mutating func whoComesInTimeSharesWhatCameBack() {
        takeAStep()
        #expect(machine.step == 1 && told == [1: [[0]], 2: [[2]]], "in whole nodes")
        told = [:]
        happens(.left(2, reason: .connectionLost))
        #expect(told.isEmpty, "the survivor has enough to do")
        happens(.ready(3, threads: 1))
        #expect(told == [3: [[3]]], "a newcomer is given what it computes at once")
        forward(1, 0)
        #expect(told == [1: [[2]], 3: [[3]]], "one lies ready beside the one at work")
        #expect(introduced == [3: [2]], "the other one that is vacant in the next step")
        forward(1, 1)
        forward(3, 3)
        forward(1, 2)
        for node in [TreeNode(level: 1, index: 0), TreeNode(shard: 2)] { backward(1, node) }
        backward(3, TreeNode(shard: 3))
        #expect(machine.step == 2)
    }

    @Test mutating func whoIsNewSharesTheNextStepInFull() {
        takeAStep()
        happens(.left(2, reason: .connectionLost))
        happens(.ready(3, threads: 1))
        for shard in [0, 1, 2] { forward(1, shard) }
        forward(3, 3)
        backward(1, TreeNode(level: 1, index: 0))
        backward(1, TreeNode(shard: 2))
        told = [:]
        backward(3, TreeNode(shard: 3), seconds: 5)
        #expect(told == [1: [[0]], 3: [[2]]], "whole nodes, and a slow first one is no pace")
    }

    @Test mutating func afterALossWhatIsDoneIsThere() {
        takeAStep()
        happens(.left(2, reason: .connectionLost))
        happens(.ready(3, threads: 1))
        for shard in [3, 2] { forward(3, shard) }
        for shard in [0, 1] { forward(1, shard) }
        backward(3, TreeNode(shard: 2))
        told = [:]
        happens(.left(3, reason: .connectionLost))
        backward(1, TreeNode(level: 1, index: 0))
        #expect(told == [1: [[3]]], "what was done is not done again")
        backward(1, TreeNode(shard: 3))
        #expect(machine.step == 2)
    }

    /// What a lost worker had said of its micro-shards spares nobody their way through them: who takes
    /// one over has as much to do as with any other.
    @Test mutating func whatWasSaidBeforeIsNoLessWorkForAnother() {
        takeAStep()
        for shard in [0, 1, 2] { forward(shard < 2 ? 1 : 2, shard) }
        told = [:]
        happens(.left(2, reason: .connectionLost))
        #expect(told == [1: [[2]]], "one at a time: somebody is still to come")
        happens(.ready(3, threads: 1))
        #expect(told == [1: [[2]], 3: [[3]]])
    }

    /// A spare does nothing until somebody is lost, is not counted among those a run waits for, and
    /// then takes the lost one's place at once.
    @Test mutating func aSpareTakesTheFirstPlaceThatIsFree() {
        happens(.ready(3, threads: 1, isSpare: true))
        happens(.ready(4, threads: 1, isSpare: true))
        #expect(machine.present == [1, 2])
        #expect(introduced == [3: [0], 4: [0]], "each goes through one micro-shard")
        takeAStep()
        #expect(told == [1: [[0]], 2: [[2]]])
        told = [:]
        happens(.left(2, reason: .connectionLost))
        #expect(machine.present == [1, 3] && told == [3: [[3]]])
        happens(.left(4, reason: .connectionLost))
        #expect(machine.present == [1, 3], "nobody waits for a spare")
        happens(.ready(3, threads: 1, isSpare: true))
        #expect(machine.present == [1, 3], "who has a place keeps it")
    }

    /// Of a run that was resumed nobody knows who is lost: those it waits for may never come.
    @Test func sparesGoOnWhereNobodyElseComes() {
        var machine = CoordinatorMachine(
            settings: .init(
                shards: 4, buckets: 1, exchanges: 0, steps: 9, minimumWorkers: 2,
                heartbeatTimeout: .seconds(5))
        ) { _ in (0..<4).map { Lease.Shard(shard: $0, samples: [.init(sample: $0, place: $0)]) } }
        _ = machine.handle(.ready(1, threads: 1), at: .seconds(1))
        for spare in [WorkerID(2), 3] {
            _ = machine.handle(.ready(spare, threads: 1, isSpare: true), at: .seconds(2))
        }
        for worker in [WorkerID(1), 2, 3] { _ = machine.handle(.heard(worker), at: .seconds(6)) }
        _ = machine.handle(.tick, at: .seconds(6))
        #expect(machine.present == [1] && machine.missingWorkers == 1)
        let actions = machine.handle(.tick, at: .seconds(8))
        #expect(machine.present == [1, 2] && machine.missingWorkers == 0)
        #expect(actions.contains { if case .lease(2, _) = $0 { true } else { false } })
    }

    @Test mutating func aSpareThatFallsSilentIsGivenUp() {
        happens(.ready(3, threads: 1, isSpare: true))
        clock += .seconds(50)
        for worker in [WorkerID(1), 2] { happens(.heard(worker)) }
        clock += .seconds(20)
        happens(.tick)
        happens(.left(2, reason: .connectionLost))
        #expect(machine.present == [1])
    }

    /// With a place that nobody has come for, the step after is shared out bit by bit as well.
    @Test mutating func aStepBegunWithTooFewLeavesSomethingForWhoComes() {
        takeAStep()
        happens(.left(2, reason: .connectionLost))
        forward(1, 0)
        forward(1, 1)
        forward(1, 2)
        forward(1, 3)
        backward(1, TreeNode(level: 1, index: 0))
        backward(1, TreeNode(shard: 2))
        told = [:]
        backward(1, TreeNode(shard: 3))
        #expect(machine.step == 2 && told == [1: [[0]]])
        happens(.ready(3, threads: 1))
        #expect(told == [1: [[0], [1]], 3: [[3]]])
    }

    /// Who goes on is given the micro-shards it has prepared, though the newcomer has another number.
    @Test mutating func aNewcomerTakesThePlaceThatIsFree() {
        takeAStep()
        happens(.left(1, reason: .connectionLost))
        for shard in [2, 3, 0, 1] { forward(2, shard) }
        happens(.ready(3, threads: 1))
        backward(2, TreeNode(level: 1, index: 1))
        backward(2, TreeNode(shard: 0))
        told = [:]
        backward(2, TreeNode(shard: 1))
        #expect(machine.step == 2 && told == [3: [[0]], 2: [[2]]])
    }
}
