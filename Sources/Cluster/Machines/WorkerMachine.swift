package import Distillation
package import Tensors
package import Training

/// Worker without sockets and threads.
///
/// A pure state machine like ``CoordinatorMachine``. It owns no state of the run: its loss costs the
/// run only the micro-shards that were leased to it.
package struct WorkerMachine: Sendable {
    /// Events of a worker.
    package enum Event: Sendable {
        /// A part of a version of the weights arrived, numbered as ``WeightsParts`` says.
        case bucket(version: Int, index: Int, Tensor)
        /// A lease arrived.
        case lease(Lease)
        /// The whole mini-batch's contributions to an exchange arrived.
        case totals(step: Int, round: Int, [Totals])
        /// Validation samples to label arrived.
        case evaluate(version: Int, samples: [Int])
        /// A thread has completed a micro-shard's forward pass or, in round 1, its response to the
        /// totals of round 0.
        case forwarded(step: Int, shard: Int, round: Int, [Contribution])
        /// A thread has computed a micro-shard's gradient in one bucket.
        case gradient(step: Int, shard: Int, bucket: Int, Tensor)
        /// A thread has completed a micro-shard.
        case finished(step: Int, shard: Int, ShardReport)
        /// A thread has labelled a validation sample.
        case evaluated(version: Int, sample: Int, ConfusionMatrix)
    }

    /// Actions that the driver carries out in their order.
    package enum Action: Sendable {
        /// Have a thread compute a micro-shard: forward, and backward if there is no exchange.
        case compute(step: Int, Lease.Shard, WeightsVersion)
        /// Prefetch for the next step in place of these micro-shards, and compute one of them without
        /// using the result, so that memory and weights are ready for the first one that counts.
        case rehearse(step: Int, [Lease.Shard], WeightsVersion)
        /// Have threads respond to the first totals for micro-shards that wait for them.
        case respond(step: Int, shards: [Int], [Totals])
        /// Have threads compute the backward pass of micro-shards that wait for totals.
        case resume(step: Int, shards: [Int], [Totals])
        /// Abandon the work of steps before this one.
        case forget(before: Int)
        /// Have a thread label a validation sample.
        case label(sample: Int, WeightsVersion)
        /// Send a node's contributions to an exchange.
        case sendContribution(step: Int, node: TreeNode, round: Int, [Contribution])
        /// Send a node's gradient in one bucket.
        case sendPartial(step: Int, node: TreeNode, bucket: Int, Tensor)
        /// Send a node's report.
        case sendReport(step: Int, node: TreeNode, ShardReport)
        /// Send a validation sample's confusion matrix.
        case sendEvaluated(version: Int, sample: Int, ConfusionMatrix)
    }

    /// A leased node, with the results of its micro-shards so far.
    private struct NodeWork {
        let node: TreeNode
        var gradients: [ReductionTree<Tensor>]
        var report: ReductionTree<ShardReport>
    }

    /// Micro-shards per step.
    private let shards: Int
    private let buckets: Int
    private let exchanges: Int
    private let wire: GradientWire
    private var step = -1
    private var nodes: [NodeWork] = []
    /// The totals of each exchange that has ended.
    private var totals: [Int: [Totals]] = [:]
    private var computing: Set<Int> = []
    /// The micro-shards that wait for totals, and of which exchange.
    private var waiting: [Int: Int] = [:]
    private var assembler: WeightsAssembler
    /// Leases whose weights are not complete.
    private var unstarted: [Lease] = []
    /// Validation samples whose weights are not complete.
    private var unlabelled: [(version: Int, samples: [Int])] = []

    /// A worker that was just welcomed.
    ///
    /// - Parameters:
    ///   - shards: micro-shards per step.
    ///   - parts: the numbering of the weights' parts.
    ///   - exchanges: exchanges about the whole mini-batch before backward.
    ///   - wire: the precision of gradients in messages.
    package init(
        shards: Int, parts: WeightsParts, exchanges: Int, wire: GradientWire = .float32
    ) {
        self.wire = wire
        self.shards = shards
        buckets = parts.learning
        assembler = WeightsAssembler(parts)
        self.exchanges = exchanges
    }

    /// Handles an event.
    package mutating func handle(_ event: Event) -> [Action] {
        var actions: [Action] = []
        switch event {
        case .bucket(let version, let index, let tensor):
            assembler.insert(tensor, version: version, index: index)
            begin(&actions)
        case .lease(let lease):
            unstarted.append(lease)
            begin(&actions)
        case .totals(let step, let round, let totals):
            guard step >= self.step else { break }
            // Totals may arrive before the weights with which the lease can begin.
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

    /// Starts the leases and labellings whose weights are complete.
    private mutating func begin(_ actions: inout [Action]) {
        let leases = unstarted
        unstarted = []
        for lease in leases {
            guard lease.step >= step else { continue }
            guard let weights = assembler.forSteps(lease.step) else {
                unstarted.append(lease)
                continue
            }
            if lease.step > step { advance(to: lease.step, &actions) }
            // The step has no work for a worker that joins late, but the next one will.
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
            // The micro-shards of a lease that arrives twice are being computed already.
            for shard in lease.shards where computing.insert(shard.shard).inserted {
                actions.append(.compute(step: step, shard, weights))
            }
        }
        let labellings = unlabelled
        unlabelled = []
        for (version, samples) in labellings {
            guard let weights = assembler.forLabels(version) else {
                unlabelled.append((version, samples))
                continue
            }
            actions += samples.map { .label(sample: $0, weights) }
        }
    }

    /// Goes on to a later step; work of the earlier one counts no longer.
    private mutating func advance(to next: Int, _ actions: inout [Action]) {
        step = next
        nodes = []
        totals = [:]
        computing = []
        waiting = [:]
        actions.append(.forget(before: next))
    }

    /// Continues the micro-shards that wait for totals which are known.
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
    /// Whether a result is wanted of the worker, which then is no longer on standby.
    package var isWork: Bool {
        switch self {
        case .lease(let lease): !lease.nodes.isEmpty
        case .evaluate: true
        default: false
        }
    }
}
