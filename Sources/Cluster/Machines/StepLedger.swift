import Distillation
import Tensors
import Training

/// The books of one step: what has come in, what is out on lease and with whom, what is still to be
/// handed out.
///
/// A value without time or network; the coordinator asks it what a message changes.
struct StepLedger {
    let step: Int
    let shards: Int
    let buckets: Int
    /// How many exchanges there are before backward.
    private let exchanges: Int
    /// The totals of each exchange that is over.
    private(set) var exchanged: [Int: [Totals]] = [:]
    /// What the micro-shards said in the exchange at hand.
    private var contributions: [[Contribution]?]
    private var gradients: [ReductionTree<Tensor>]
    private var reports: ReductionTree<ShardReport>
    /// A node out on lease.
    struct Holding {
        let node: TreeNode
        let worker: WorkerID
        /// When it was handed out.
        let since: Duration
    }

    /// Nodes out on lease, in the order they were handed out, with who holds them.
    ///
    /// A node that is long in coming has two holders: the first result counts.
    private(set) var leased: [Holding] = []
    /// The same by worker.
    private var given: [WorkerID: Set<TreeNode>] = [:]
    /// What the first holder of a node with two said, bucket by bucket.
    private var said: [TreeNode: [Int: (worker: WorkerID, digest: UInt64)]] = [:]
    /// When the latest exchange was over: who waited for it until then was not slow.
    private(set) var turn = Duration.zero
    /// Nodes nobody holds.
    private(set) var pending: [TreeNode]

    init(
        step: Int, shards: Int, buckets: Int, exchanges: Int, wire: GradientWire = .float32
    ) {
        self.step = step
        self.shards = shards
        self.buckets = buckets
        contributions = Array(repeating: nil, count: shards)
        gradients = (0..<buckets).map { _ in ReductionTree(shards: shards, combine: wire.sum) }
        reports = ReductionTree(shards: shards) { $0 + $1 }
        pending = [.root(shards: shards)]
        self.exchanges = exchanges
    }

    /// Whether everything of the step is in.
    var isComplete: Bool {
        reports.result != nil && gradients.allSatisfy { $0.result != nil }
    }

    /// The step's report; nil until it is complete.
    var report: ShardReport? { reports.result }

    /// Whether a node's gradient and report are all in.
    func isDone(_ node: TreeNode) -> Bool {
        reports.contains(node) && gradients.allSatisfy { $0.contains(node) }
    }

    // MARK: Leases

    /// Hands nodes to a worker.
    mutating func lease(_ nodes: [TreeNode], to worker: WorkerID, at now: Duration) {
        pending.removeAll { nodes.contains($0) }
        leased += nodes.map { Holding(node: $0, worker: worker, since: now) }
        given[worker, default: []].formUnion(nodes)
    }

    /// Hands a node that somebody holds to a second worker as well.
    mutating func leaseAgain(_ node: TreeNode, to worker: WorkerID, at now: Duration) {
        leased.append(Holding(node: node, worker: worker, since: now))
        given[worker, default: []].insert(node)
        said[node] = [:]
    }

    /// Whether the step cannot go on before this node says more.
    func isAwaited(_ node: TreeNode) -> Bool {
        guard !isDone(node) else { return false }
        return exchanged.count == exchanges
            || node.shards(of: shards).contains { contributions[$0] == nil }
    }

    /// What one worker alone holds and the step waits for.
    var awaited: [Holding] {
        leased.filter { holding in said[holding.node] == nil && isAwaited(holding.node) }
    }

    /// The workers that have something to do before others have said more.
    var busy: Set<WorkerID> {
        Set(leased.lazy.filter { isAwaited($0.node) }.map(\.worker))
    }

    /// Puts the pending work down as the given nodes, which must cover the same shards.
    mutating func splitPending(into nodes: [TreeNode]) { pending = nodes }

    /// Takes back what a worker held and has not finished; those nodes are pending again.
    mutating func reclaim(from worker: WorkerID) -> [TreeNode] {
        let left = leased.filter { $0.worker == worker && !isDone($0.node) }.map(\.node)
        leased.removeAll { $0.worker == worker }
        given[worker] = nil
        let unfinished = left.filter { node in !leased.contains { $0.node == node } }
        pending += unfinished
        pending.sort { $0.shards(of: shards).lowerBound < $1.shards(of: shards).lowerBound }
        return unfinished
    }

    /// How many micro-shards each worker holds that are not finished.
    var loads: [WorkerID: Int] {
        leased.reduce(into: [:]) { loads, lease in
            guard !isDone(lease.node) else { return }
            loads[lease.worker, default: 0] += lease.node.shards(of: shards).count
        }
    }

    /// The workers that hold nodes which are not finished.
    var holders: [WorkerID] {
        var seen: [WorkerID] = []
        for lease in leased where !isDone(lease.node) && !seen.contains(lease.worker) {
            seen.append(lease.worker)
        }
        return seen
    }

    /// Whether a worker was given a node: nobody else's word on it is taken.
    func isLeased(_ node: TreeNode, to worker: WorkerID) -> Bool {
        given[worker]?.contains(node) ?? false
    }

    /// Whether a worker was given a micro-shard, by itself or within a larger node.
    func isLeased(shard: Int, to worker: WorkerID) -> Bool {
        given[worker]?.contains { $0.covers(TreeNode(shard: shard)) } ?? false
    }

    // MARK: What comes in

    /// Takes a micro-shard's contributions to an exchange; its totals if these were the last.
    ///
    /// Throws, and takes nothing, if they do not fit the others': they were computed from another
    /// recipe.
    mutating func take(
        _ parts: [Contribution], of shard: Int, round: Int, at now: Duration
    ) throws -> [Totals]? {
        guard round == exchanged.count, round < exchanges, contributions[shard] == nil else {
            return nil
        }
        if let known = contributions.lazy.compactMap({ $0 }).first {
            let fits =
                known.count == parts.count
                && zip(known, parts).allSatisfy {
                    $0.counts.count == $1.counts.count && $0.shape.sums == $1.shape.sums
                }
            guard fits else {
                throw ObjectiveError("it contributed tensors of other shapes than the others")
            }
        }
        contributions[shard] = parts
        let all = contributions.compactMap { $0 }
        guard all.count == shards, let terms = all.first?.count else { return nil }
        let totals: [Totals]
        do {
            totals = try (0..<terms).map { term in
                Totals(try Contribution.total(of: all.map { $0[term] }))
            }
        } catch {
            contributions[shard] = nil
            throw error
        }
        exchanged[round] = totals
        turn = now
        contributions = Array(repeating: nil, count: shards)
        return totals
    }

    /// The totals of all exchanges, one a term; empty where there is none.
    var totals: [Totals] { Totals.joined(exchanged) }

    /// Takes a node's gradient in one bucket; the bucket's sum if it is complete now.
    mutating func take(
        _ gradient: Tensor, of node: TreeNode, bucket: Int, from worker: WorkerID
    ) -> Intake<Tensor> {
        if let told = said[node] {
            let digest = gradient.bitDigest()
            if let first = told[bucket], first.worker != worker, first.digest != digest {
                return .contradicted(first.worker)
            }
            if told[bucket] == nil, !gradients[bucket].contains(node) {
                said[node]?[bucket] = (worker, digest)
            }
        }
        guard gradients[bucket].insert(gradient, at: node) else { return .known }
        return gradients[bucket].result.map { .complete($0) } ?? .taken
    }

    /// Takes a node's report.
    mutating func take(_ report: ShardReport, of node: TreeNode) -> Intake<ShardReport> {
        guard reports.insert(report, at: node) else { return .known }
        return reports.result.map { .complete($0) } ?? .taken
    }

    enum Intake<Value> {
        /// It was there already: a second delivery, or somebody else's result for the same node.
        case known
        /// Somebody else said something else for the same node, which counts.
        case contradicted(WorkerID)
        /// It is in; more is to come.
        case taken
        /// It was the last: the sum.
        case complete(Value)
    }
}

extension Tensor {
    /// A number that differs, but for one case in 2^64, where any bit does (FNV-1a, 64 bits).
    ///
    /// - Parameter hash: that of what stands before these values.
    package func bitDigest(after hash: UInt64 = 0xcbf2_9ce4_8422_2325) -> UInt64 {
        withValues { values in
            var hash = hash
            for index in values.indices {
                hash = (hash ^ UInt64(values[index].bitPattern)) &* 0x100_0000_01b3
            }
            return hash
        }
    }
}

extension Totals {
    /// The totals of a step's exchanges as objectives see them, one a term.
    static func joined(_ rounds: [Int: [Totals]]) -> [Totals] {
        guard let first = rounds[0], let second = rounds[1] else { return rounds[0] ?? [] }
        return zip(first, second).map { Totals($0.whole, responses: $1.whole) }
    }
}
