import Cluster
import Distillation
import Tensors
import Testing
import Training

/// Reassignment of lost workers' work: two workers of one thread, four micro-shards, one exchange.
@Suite struct LossTests {
    private var machine = CoordinatorMachine(
        ofFourShards: .init(
            shards: 4, buckets: 1, exchanges: 1, steps: 9, minimumWorkers: 2,
            heartbeatTimeout: .seconds(60)))
    private var clock = Duration.zero

    /// The first micro-shards of the nodes of each lease that a worker received.
    private var leased: [WorkerID: [[Int]]] = [1: [[0, 1]], 2: [[2, 3]]]
    /// The micro-shards that a worker was leased to prepare for the next step.
    private var primed: [WorkerID: [Int]] = [:]

    private mutating func handle(_ event: CoordinatorMachine.Event) {
        clock += .milliseconds(10)
        for case .lease(let worker, let lease) in machine.handle(event, at: clock) {
            guard !lease.nodes.isEmpty else {
                primed[worker, default: []] += lease.shards.map(\.shard)
                continue
            }
            leased[worker, default: []].append(lease.nodes.map { $0.shards(of: 4).lowerBound })
        }
    }

    private mutating func forward(_ worker: WorkerID, _ shard: Int) {
        handle(
            .contribution(
                worker, step: machine.step, node: TreeNode(shard: shard), round: 0,
                [Contribution(counts: [1])]))
    }

    private mutating func backward(_ worker: WorkerID, _ node: TreeNode, seconds: Double = 1) {
        var times = ShardTimes()
        times[.backward] = .seconds(seconds * Double(node.shards(of: 4).count))
        handle(.partial(worker, step: machine.step, node: node, bucket: 0, Tensor(1)))
        handle(
            .report(
                worker, step: machine.step, node: node, ShardReport(values: [0], times: times)))
    }

    /// Completes the first step, so that both workers' throughput is known; its leases are whole nodes.
    private mutating func takeAStep() {
        leased = [:]
        for shard in 0..<4 { forward(shard < 2 ? 1 : 2, shard) }
        backward(1, TreeNode(level: 1, index: 0))
        backward(2, TreeNode(level: 1, index: 1))
    }

    @Test("a worker that joins during a step receives reclaimed work")
    mutating func newWorkerReceivesReclaimedWork() {
        takeAStep()
        #expect(machine.step == 1 && leased == [1: [[0]], 2: [[2]]], "in whole nodes")
        leased = [:]
        handle(.left(2, reason: .connectionLost))
        #expect(leased.isEmpty, "the remaining worker has enough work")
        handle(.ready(3, threads: 1))
        #expect(leased == [3: [[3]]], "a new worker is leased what it computes at once")
        forward(1, 0)
        #expect(leased == [1: [[2]], 3: [[3]]], "one is queued beside the one being computed")
        #expect(primed == [3: [2]], "the other micro-shard without a worker in the next step")
        forward(1, 1)
        forward(3, 3)
        forward(1, 2)
        for node in [TreeNode(level: 1, index: 0), TreeNode(shard: 2)] { backward(1, node) }
        backward(3, TreeNode(shard: 3))
        #expect(machine.step == 2)
    }

    @Test("a new worker has a full share of the next step")
    mutating func newWorkerHasAFullShareOfTheNextStep() {
        takeAStep()
        handle(.left(2, reason: .connectionLost))
        handle(.ready(3, threads: 1))
        for shard in [0, 1, 2] { forward(1, shard) }
        forward(3, 3)
        backward(1, TreeNode(level: 1, index: 0))
        backward(1, TreeNode(shard: 2))
        leased = [:]
        backward(3, TreeNode(shard: 3), seconds: 5)
        #expect(leased == [1: [[0]], 3: [[2]]], "whole nodes; a slow first step does not count")
    }

    @Test("results of a lost worker are kept")
    mutating func resultsOfALostWorkerAreKept() {
        takeAStep()
        handle(.left(2, reason: .connectionLost))
        handle(.ready(3, threads: 1))
        for shard in [3, 2] { forward(3, shard) }
        for shard in [0, 1] { forward(1, shard) }
        backward(3, TreeNode(shard: 2))
        leased = [:]
        handle(.left(3, reason: .connectionLost))
        backward(1, TreeNode(level: 1, index: 0))
        #expect(leased == [1: [[3]]], "a completed micro-shard is not leased again")
        backward(1, TreeNode(shard: 3))
        #expect(machine.step == 2)
    }

    /// The worker that takes over a micro-shard must go forward through it again, even if the lost one
    /// had contributed for it.
    @Test("a micro-shard counts in full for the worker that takes it over")
    mutating func takenOverShardCountsInFull() {
        takeAStep()
        for shard in [0, 1, 2] { forward(shard < 2 ? 1 : 2, shard) }
        leased = [:]
        handle(.left(2, reason: .connectionLost))
        #expect(leased == [1: [[2]]], "one at a time while a replacement is expected")
        handle(.ready(3, threads: 1))
        #expect(leased == [1: [[2]], 3: [[3]]])
    }

    /// A standby worker receives no work until an active one is lost, and does not count as one of the
    /// workers that a run waits for.
    @Test("a standby worker replaces a lost one at once")
    mutating func standbyReplacesALostWorker() {
        handle(.ready(3, threads: 1, isStandby: true))
        handle(.ready(4, threads: 1, isStandby: true))
        #expect(machine.active == [1, 2])
        #expect(primed == [3: [0], 4: [0]], "each prepares one micro-shard")
        takeAStep()
        #expect(leased == [1: [[0]], 2: [[2]]])
        leased = [:]
        handle(.left(2, reason: .connectionLost))
        #expect(machine.active == [1, 3] && leased == [3: [[3]]])
        handle(.left(4, reason: .connectionLost))
        #expect(machine.active == [1, 3], "the run does not wait for a standby worker")
        handle(.ready(3, threads: 1, isStandby: true))
        #expect(machine.active == [1, 3], "an active worker stays active")
    }

    /// A resumed run does not know which workers were lost: the ones it waits for may never come.
    @Test("standby workers replace workers that do not come")
    func standbyReplacesMissingWorkers() {
        var machine = CoordinatorMachine(
            settings: .init(
                shards: 4, buckets: 1, exchanges: 0, steps: 9, minimumWorkers: 2,
                heartbeatTimeout: .seconds(5))
        ) { _ in (0..<4).map { Lease.Shard(shard: $0, samples: [.init(sample: $0, place: $0)]) } }
        _ = machine.handle(.ready(1, threads: 1), at: .seconds(1))
        for standby in [WorkerID(2), 3] {
            _ = machine.handle(.ready(standby, threads: 1, isStandby: true), at: .seconds(2))
        }
        for worker in [WorkerID(1), 2, 3] { _ = machine.handle(.heard(worker), at: .seconds(6)) }
        _ = machine.handle(.tick, at: .seconds(6))
        #expect(machine.active == [1] && machine.missingWorkers == 1)
        let actions = machine.handle(.tick, at: .seconds(8))
        #expect(machine.active == [1, 2] && machine.missingWorkers == 0)
        #expect(actions.contains { if case .lease(2, _) = $0 { true } else { false } })
    }

    @Test("a silent standby worker is removed")
    mutating func silentStandbyIsRemoved() {
        handle(.ready(3, threads: 1, isStandby: true))
        clock += .seconds(50)
        for worker in [WorkerID(1), 2] { handle(.heard(worker)) }
        clock += .seconds(20)
        handle(.tick)
        handle(.left(2, reason: .connectionLost))
        #expect(machine.active == [1])
    }

    @Test("a worker that is silent while it prepares is removed")
    mutating func silentJoiningWorkerIsRemoved() {
        handle(.joined(3, threads: 1))
        clock += .seconds(50)
        for worker in [WorkerID(1), 2] { handle(.heard(worker)) }
        clock += .seconds(20)
        let actions = machine.handle(.tick, at: clock)
        guard case .dismissed(3, .silent(.seconds(60)), 0)? = actions.first else {
            Issue.record("The worker was not removed: \(actions)")
            return
        }
        #expect(actions.count == 1 && machine.active == [1, 2])
    }

    /// While a replacement is expected, the next step is leased micro-shard by micro-shard as well.
    @Test("a step that begins short of workers leaves work for a replacement")
    mutating func stepLeavesWorkForAReplacement() {
        takeAStep()
        handle(.left(2, reason: .connectionLost))
        forward(1, 0)
        forward(1, 1)
        forward(1, 2)
        forward(1, 3)
        backward(1, TreeNode(level: 1, index: 0))
        backward(1, TreeNode(shard: 2))
        leased = [:]
        backward(1, TreeNode(shard: 3))
        #expect(machine.step == 2 && leased == [1: [[0]]])
        handle(.ready(3, threads: 1))
        #expect(leased == [1: [[0], [1]], 3: [[3]]])
    }

    /// The remaining worker keeps the micro-shards for which it has prefetched, although the new one's
    /// number comes after its own.
    @Test("a new worker receives the micro-shards of the lost one")
    mutating func newWorkerReceivesTheLostOnesShards() {
        takeAStep()
        handle(.left(1, reason: .connectionLost))
        for shard in [2, 3, 0, 1] { forward(2, shard) }
        handle(.ready(3, threads: 1))
        backward(2, TreeNode(level: 1, index: 1))
        backward(2, TreeNode(shard: 0))
        leased = [:]
        backward(2, TreeNode(shard: 1))
        #expect(machine.step == 2 && leased == [3: [[0]], 2: [[2]]])
    }
}
