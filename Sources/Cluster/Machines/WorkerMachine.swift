package import Distillation
package import Tensors
package import Training

/// What a worker does with what it is told: the worker without its sockets and threads.
///
/// A pure state machine like ``CoordinatorMachine``. It owns nothing that would be missed: lost
/// with its worker, it costs the run the micro-shards in its hands.
package struct WorkerMachine: Sendable {
    /// What happens to a worker.
    package enum Event: Sendable {
        /// A part of a version of the weights, numbered as ``WeightsParts`` says.
        case bucket(version: Int, index: Int, Tensor)
        /// Work.
        case lease(Lease)
        /// What the whole mini-batch contributed in an exchange.
        case totals(step: Int, round: Int, [Totals])
        /// Validation samples to label.
        case evaluate(version: Int, samples: [Int])
        /// A thread has gone forward through a micro-shard, or (in round 1) has taken in the totals
        /// of round 0.
        case forwarded(step: Int, shard: Int, round: Int, [Contribution])
        /// A thread has a micro-shard's gradient in one bucket.
        case gradient(step: Int, shard: Int, bucket: Int, Tensor)
        /// A thread is done with a micro-shard.
        case finished(step: Int, shard: Int, ShardReport)
        /// A thread has labelled a validation sample.
        case evaluated(version: Int, sample: Int, ConfusionMatrix)
    }

    /// What the driver is to do, in this order.
    package enum Action: Sendable {
        /// Have a thread go forward through a micro-shard, and backward if no totals are waited for.
        case compute(step: Int, Lease.Shard, WeightsVersion)
        /// Prepare what the step after this one will probably ask for in the place of these
        /// micro-shards, and go through one once so that the first that counts finds all in place.
        case rehearse(step: Int, [Lease.Shard], WeightsVersion)
        /// Have a thread respond to the first totals for micro-shards that wait for them.
        case respond(step: Int, shards: [Int], [Totals])
        /// Have a thread go backward through micro-shards that wait for totals.
        case resume(step: Int, shards: [Int], [Totals])
        /// Give up whatever belongs to steps before this one.
        case forget(before: Int)
        /// Have a thread label a validation sample.
        case label(sample: Int, WeightsVersion)
        /// Tell the coordinator what a node's micro-shards have to say before the totals are known.
        case sendContribution(step: Int, node: TreeNode, round: Int, [Contribution])
        /// Send a node's gradient in one bucket.
        case sendPartial(step: Int, node: TreeNode, bucket: Int, Tensor)
        /// Send a node's report.
        case sendReport(step: Int, node: TreeNode, ShardReport)
        /// Send a validation sample's confusion matrix.
        case sendEvaluated(version: Int, sample: Int, ConfusionMatrix)
    }

    /// A leased node on its way: what its micro-shards have delivered so far.
    private struct NodeWork {
        let node: TreeNode
        var gradients: [ReductionTree<Tensor>]
        var report: ReductionTree<ShardReport>
    }

    private let shards: Int
    private let buckets: Int
    private let exchanges: Int
    private let wire: GradientWire
    private var step = -1
    private var nodes: [NodeWork] = []
    /// The totals of each exchange that are known.
    private var totals: [Int: [Totals]] = [:]
    private var computing: Set<Int> = []
    /// Of the micro-shards being computed those that wait for totals, and of which exchange.
    private var waiting: [Int: Int] = [:]
    private var shelf: WeightsAssembler
    private var unstarted: [Lease] = []
    private var unlabelled: [(version: Int, samples: [Int])] = []

    /// A worker that has just been welcomed.
    ///
    /// - Parameters:
    ///   - shards: micro-shards a step.
    ///   - parts: how weights come.
    ///   - exchanges: how often the objectives must know of the whole mini-batch before backward.
    ///   - wire: how exact gradients are on their way to the sum.
    package init(
        shards: Int, parts: WeightsParts, exchanges: Int, wire: GradientWire = .float32
    ) {
        self.wire = wire
        self.shards = shards
        buckets = parts.learning
        shelf = WeightsAssembler(parts)
        self.exchanges = exchanges
    }

    /// Takes one event.
    package mutating func handle(_ event: Event) -> [Action] {
        var actions: [Action] = []
        switch event {
        case .bucket(let version, let index, let tensor):
            shelf.take(tensor, version: version, index: index)
            begin(&actions)
        case .lease(let lease):
            unstarted.append(lease)
            begin(&actions)
        case .totals(let step, let round, let totals):
            guard step >= self.step else { break }
            if step > self.step { advance(to: step, &actions) }
            self.totals[round] = totals
            resume(&actions)
        case .evaluate(let version, let samples):
            unlabelled.append((version, samples))
            begin(&actions)
        case .forwarded(let step, let shard, let round, let parts):
            guard step == self.step, computing.contains(shard), round < exchanges else { break }
            let node = TreeNode(shard: shard)
            actions.append(.sendContribution(step: step, node: node, round: round, parts))
            waiting[shard] = round
            resume(&actions)
        case .gradient(let step, let shard, let bucket, let gradient):
            guard step == self.step, computing.contains(shard) else { break }
            let gradient = wire.rounded(gradient)
            for place in nodes.indices where nodes[place].node.covers(TreeNode(shard: shard)) {
                nodes[place].gradients[bucket].insert(gradient, at: TreeNode(shard: shard))
                if let sum = nodes[place].gradients[bucket].takeResult() {
                    actions.append(
                        .sendPartial(step: step, node: nodes[place].node, bucket: bucket, sum))
                }
            }
        case .finished(let step, let shard, let report):
            guard step == self.step, computing.remove(shard) != nil else { break }
            for place in nodes.indices where nodes[place].node.covers(TreeNode(shard: shard)) {
                nodes[place].report.insert(report, at: TreeNode(shard: shard))
                if let sum = nodes[place].report.takeResult() {
                    actions.append(.sendReport(step: step, node: nodes[place].node, sum))
                }
            }
        case .evaluated(let version, let sample, let matrix):
            actions.append(.sendEvaluated(version: version, sample: sample, matrix))
        }
        return actions
    }

    /// Starts every lease and labelling whose weights are there.
    private mutating func begin(_ actions: inout [Action]) {
        let leases = unstarted
        unstarted = []
        for lease in leases {
            guard lease.step >= step else { continue }
            guard let weights = shelf.forSteps(lease.step) else {
                unstarted.append(lease)
                continue
            }
            if lease.step > step { advance(to: lease.step, &actions) }
            if lease.nodes.isEmpty {
                actions.append(.rehearse(step: step, lease.shards, weights))
                continue
            }
            for node in lease.nodes {
                nodes.append(
                    NodeWork(
                        node: node,
                        gradients: (0..<buckets).map { _ in
                            ReductionTree(shards: shards, top: node, combine: wire.sum)
                        },
                        report: ReductionTree(shards: shards, top: node) { $0 + $1 }))
            }
            for shard in lease.shards where computing.insert(shard.shard).inserted {
                actions.append(.compute(step: step, shard, weights))
            }
        }
        let labellings = unlabelled
        unlabelled = []
        for (version, samples) in labellings {
            guard let weights = shelf.forLabels(version) else {
                unlabelled.append((version, samples))
                continue
            }
            actions += samples.map { .label(sample: $0, weights) }
        }
    }

    private mutating func advance(to next: Int, _ actions: inout [Action]) {
        step = next
        nodes = []
        totals = [:]
        computing = []
        waiting = [:]
        actions.append(.forget(before: next))
    }

    /// Lets go on whoever waits for totals that are known.
    private mutating func resume(_ actions: inout [Action]) {
        for round in 0..<exchanges {
            guard let known = totals[round] else { continue }
            let shards = waiting.filter { $0.value == round }.keys.sorted()
            guard !shards.isEmpty else { continue }
            for shard in shards { waiting[shard] = nil }
            if round + 1 < exchanges {
                actions.append(.respond(step: step, shards: shards, known))
            } else {
                actions.append(.resume(step: step, shards: shards, Totals.joined(totals)))
            }
        }
    }
}

extension WorkerMachine.Event {
    /// Whether something is wanted of the worker, which then is a spare no longer.
    package var isWork: Bool {
        switch self {
        case .lease(let lease): !lease.nodes.isEmpty
        case .evaluate: true
        default: false
        }
    }
}
