public import Distillation
public import Tensors
public import Training

/// One version of everything a worker computes with: the parameters' buckets and the running
/// statistics, as they came.
public struct WeightsVersion: Sendable {
    /// How many steps were taken to get there.
    public let version: Int
    /// The parameters, a flat tensor a bucket.
    public let buckets: [Tensor]
    /// The running statistics, flat.
    public let statistics: Tensor
}

/// What a worker does with what it is told: the worker without its sockets and threads.
///
/// A pure state machine like ``CoordinatorMachine``. It owns nothing that would be missed: lost
/// with its worker, it costs the run the micro-shards in its hands.
public struct WorkerMachine: Sendable {
    /// What happens to a worker.
    public enum Event: Sendable {
        /// A bucket of a version of the weights; the one past the last parameters' bucket holds the
        /// running statistics.
        case bucket(version: Int, index: Int, Tensor)
        /// Work.
        case lease(Lease)
        /// What the whole mini-batch contributed.
        case totals(step: Int, [Totals])
        /// Validation samples to label.
        case evaluate(version: Int, samples: [Int])
        /// A thread has gone forward through a micro-shard.
        case forwarded(step: Int, shard: Int, [Contribution])
        /// A thread has a micro-shard's gradient in one bucket.
        case gradient(step: Int, shard: Int, bucket: Int, Tensor)
        /// A thread is done with a micro-shard.
        case finished(step: Int, shard: Int, ShardReport)
        /// A thread has labelled a validation sample.
        case evaluated(version: Int, sample: Int, ConfusionMatrix)
    }

    /// What the driver is to do, in this order.
    public enum Action: Sendable {
        /// Have a thread go forward through a micro-shard, and backward if no totals are waited for.
        case compute(step: Int, Lease.Shard, WeightsVersion)
        /// Have a thread go backward through micro-shards that wait for totals.
        case resume(step: Int, shards: [Int], [Totals])
        /// Give up whatever belongs to steps before this one.
        case forget(before: Int)
        /// Have a thread label a validation sample.
        case label(sample: Int, WeightsVersion)
        /// Tell the coordinator what a micro-shard has to say before the totals are known.
        case sendContribution(step: Int, shard: Int, [Contribution])
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
    private let exchange: Bool
    private var step = -1
    private var nodes: [NodeWork] = []
    private var totals: [Totals]?
    /// Micro-shards being computed; those in `waiting` have gone forward and wait for totals.
    private var computing: Set<Int> = []
    private var waiting: Set<Int> = []
    private var versions: [Int: [Tensor?]] = [:]
    private var unstarted: [Lease] = []
    private var unlabelled: [(version: Int, samples: [Int])] = []

    /// A worker that has just been welcomed.
    public init(shards: Int, buckets: Int, exchange: Bool) {
        self.shards = shards
        self.buckets = buckets
        self.exchange = exchange
    }

    /// Takes one event.
    public mutating func handle(_ event: Event) -> [Action] {
        var actions: [Action] = []
        switch event {
        case .bucket(let version, let index, let tensor):
            take(tensor, version: version, index: index)
            begin(&actions)
        case .lease(let lease):
            unstarted.append(lease)
            begin(&actions)
        case .totals(let step, let totals):
            guard step >= self.step else { break }
            if step > self.step { advance(to: step, &actions) }
            self.totals = totals
            resume(&actions)
        case .evaluate(let version, let samples):
            unlabelled.append((version, samples))
            begin(&actions)
        case .forwarded(let step, let shard, let parts):
            guard step == self.step, computing.contains(shard), exchange else { break }
            actions.append(.sendContribution(step: step, shard: shard, parts))
            waiting.insert(shard)
            resume(&actions)
        case .gradient(let step, let shard, let bucket, let gradient):
            guard step == self.step, computing.contains(shard) else { break }
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

    private mutating func take(_ tensor: Tensor, version: Int, index: Int) {
        guard index >= 0, index <= buckets else { return }
        versions[version, default: Array(repeating: nil, count: buckets + 1)][index] = tensor
        // Two versions at most: the one in use and the one on its way.
        for old in versions.keys.sorted().dropLast(2) { versions[old] = nil }
    }

    private func complete(_ version: Int) -> WeightsVersion? {
        guard let parts = versions[version] else { return nil }
        let present = parts.compactMap { $0 }
        guard present.count == buckets + 1 else { return nil }
        return WeightsVersion(
            version: version, buckets: Array(present.dropLast()), statistics: present[buckets])
    }

    /// Starts every lease and labelling whose weights are there.
    private mutating func begin(_ actions: inout [Action]) {
        let leases = unstarted
        unstarted = []
        for lease in leases {
            guard lease.step >= step else { continue }
            guard let weights = complete(lease.step) else {
                unstarted.append(lease)
                continue
            }
            if lease.step > step { advance(to: lease.step, &actions) }
            for node in lease.nodes {
                nodes.append(
                    NodeWork(
                        node: node,
                        gradients: (0..<buckets).map { _ in
                            ReductionTree(shards: shards, top: node) { $0 + $1 }
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
            guard let weights = complete(version) else {
                unlabelled.append((version, samples))
                continue
            }
            actions += samples.map { .label(sample: $0, weights) }
        }
    }

    private mutating func advance(to next: Int, _ actions: inout [Action]) {
        step = next
        nodes = []
        totals = nil
        computing = []
        waiting = []
        actions.append(.forget(before: next))
    }

    private mutating func resume(_ actions: inout [Action]) {
        guard let totals, !waiting.isEmpty else { return }
        actions.append(.resume(step: step, shards: waiting.sorted(), totals))
        waiting = []
    }
}
