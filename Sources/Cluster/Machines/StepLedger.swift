import Distillation
import Tensors
import Training

/// Results of one step: the contributions, gradients and reports that have arrived, summed over the
/// step's tree.
///
/// A value without time or network. Wanted are the sums at some nodes of the tree: a coordinator wants
/// the root, a relay the nodes that were leased to it. Which worker computes what is recorded in the
/// ``LeaseTable``.
struct StepLedger {
    let step: Int
    let shape: StepShape
    /// The clouds of the micro-shards under the wanted nodes.
    private var clouds: [Int: Lease.Shard] = [:]

    /// A node whose sums are wanted, with the results there are of them.
    private struct Wanted {
        let node: TreeNode
        /// The contributions of its micro-shards to the exchange at hand.
        var contributions: ReductionTree<[Contribution]>
        var gradients: [ReductionTree<Tensor>]
        var report: ReductionTree<ShardReport>

        func isDone(_ part: TreeNode) -> Bool {
            report.contains(part) && gradients.allSatisfy { $0.contains(part) }
        }
    }

    private var wanted: [Wanted] = []
    /// The totals of each exchange that has ended.
    private(set) var exchanged: [Int: [Totals]] = [:]
    /// End of the latest exchange: a worker that waited for it until then was not slow.
    private(set) var lastExchange = Duration.zero
    /// The micro-shards for which each worker has contributed to the exchange at hand.
    private var contributors: [WorkerID: Set<Int>] = [:]
    /// Checksums of the first gradient of each bucket of a node that two workers compute.
    private var checksums: [TreeNode: [Int: (worker: WorkerID, sum: Checksum64)]] = [:]

    /// A ledger in which nothing is wanted yet.
    init(step: Int, _ shape: StepShape) {
        self.step = step
        self.shape = shape
    }

    private var shards: Int { shape.shards }

    /// Adds wanted nodes, with the clouds of their micro-shards.
    ///
    /// - Returns: the nodes that were not wanted before.
    mutating func want(_ nodes: [TreeNode], _ clouds: [Lease.Shard]) -> [TreeNode] {
        for cloud in clouds { self.clouds[cloud.shard] = cloud }
        var new: [TreeNode] = []
        for node in nodes where !wanted.contains(where: { $0.node == node }) {
            new.append(node)
            wanted.append(
                Wanted(
                    node: node, contributions: contributionTree(node),
                    gradients: (0..<shape.buckets).map { _ in
                        ReductionTree(shards: shards, top: node, combine: shape.wire.sum)
                    },
                    report: ReductionTree(shards: shards, top: node) { $0 + $1 }))
        }
        return new
    }

    /// Sums of contributions whose lengths and clouds were checked before they were inserted.
    private func contributionTree(_ node: TreeNode) -> ReductionTree<[Contribution]> {
        ReductionTree(shards: shards, top: node) { left, right in
            guard let sums = try? zip(left, right).map(Contribution.sum) else {
                preconditionFailure("Contributions of other lengths, or of one cloud, came in.")
            }
            return sums
        }
    }

    /// Whether every result of the step has arrived.
    var isComplete: Bool { wanted.allSatisfy { $0.isDone($0.node) } }

    /// The step's report, where the root is wanted; nil until it is complete.
    var report: ShardReport? { wanted.first?.report.result }

    /// Whether a node's gradients and report have all arrived.
    func isDone(_ node: TreeNode) -> Bool {
        wanted.allSatisfy { !$0.node.covers(node) || $0.isDone(node) }
    }

    /// The clouds of a node's micro-shards.
    func clouds(of node: TreeNode) -> [Lease.Shard] {
        node.shards(of: shards).compactMap { clouds[$0] }
    }

    /// Whether the clouds of a micro-shard are known: it is under a wanted node.
    func hasClouds(of shard: Int) -> Bool { clouds[shard] != nil }

    // MARK: Exchanges

    /// The exchange at hand: the first that has not ended.
    var round: Int {
        (0..<shape.exchanges).first { exchanged[$0] == nil } ?? shape.exchanges
    }

    /// Whether the step cannot go on before more of this node arrives.
    func isAwaited(_ node: TreeNode) -> Bool {
        guard !isDone(node) else { return false }
        return round == shape.exchanges
            || wanted.contains { $0.node.covers(node) && !$0.contributions.contains(node) }
    }

    /// The micro-shards for which a worker has contributed to the exchange at hand; none after the
    /// last exchange.
    func contributed(by worker: WorkerID) -> Set<Int> {
        round == shape.exchanges ? [] : contributors[worker] ?? []
    }

    /// Forgets that a lost worker has contributed.
    mutating func forget(_ worker: WorkerID) { contributors[worker] = nil }

    /// Inserts a node's contributions to an exchange; returns the wanted nodes that they complete,
    /// with their sums, or nil if they had arrived before or the exchange is not at hand.
    ///
    /// Their lengths are the recipe's: a ``ResultValidator`` has compared them. Throws, and inserts
    /// nothing, if they are of clouds outside the node: they were computed from another recipe.
    mutating func insert(
        _ parts: [Contribution], of node: TreeNode, round: Int, from worker: WorkerID
    ) throws -> [(node: TreeNode, sums: [Contribution])]? {
        guard round == self.round, round < shape.exchanges else { return nil }
        let places = Set(clouds(of: node).flatMap { $0.samples.map(\.place) })
        guard parts.allSatisfy({ $0.gathered.allSatisfy { places.contains($0.place) } }) else {
            throw ObjectiveError("it contributed tensors of clouds that are not its own")
        }
        contributors[worker, default: []].formUnion(node.shards(of: shards))
        var complete: [(node: TreeNode, sums: [Contribution])] = []
        var isNew = false
        for place in wanted.indices where wanted[place].node.covers(node) {
            guard wanted[place].contributions.insert(parts, at: node) else { continue }
            isNew = true
            if let sums = wanted[place].contributions.takeResult() {
                complete.append((wanted[place].node, sums))
            }
        }
        return isNew ? complete : nil
    }

    /// Ends an exchange, of which the totals are now known; false if it had ended before.
    mutating func endExchange(_ round: Int, _ totals: [Totals], at now: Duration) -> Bool {
        guard exchanged[round] == nil, round < shape.exchanges else { return false }
        let before = self.round
        exchanged[round] = totals
        guard self.round > before else { return true }
        lastExchange = now
        contributors = [:]
        for place in wanted.indices {
            wanted[place].contributions = contributionTree(wanted[place].node)
        }
        return true
    }

    /// The totals of all exchanges, one a term; empty where there is none.
    var totals: [Totals] { Totals.joined(exchanged) }

    // MARK: Gradients and reports

    /// Outcome of a result's insertion.
    enum Insertion<Value> {
        /// The result was there already: it was delivered twice, or two workers computed it.
        case known
        /// Another worker's different result for the same node was first; that one counts.
        case contradicted(WorkerID)
        /// The result is new; these wanted nodes are complete with it.
        case inserted([(node: TreeNode, sum: Value)])
    }

    /// Inserts a node's gradient in one bucket.
    ///
    /// - Parameter isDoubled: whether two workers compute the node, so that their results are compared.
    mutating func insert(
        _ gradient: Tensor, of node: TreeNode, bucket: Int, from worker: WorkerID, isDoubled: Bool
    ) -> Insertion<Tensor> {
        let covering = wanted.indices.filter { wanted[$0].node.covers(node) }
        if isDoubled {
            let sum = gradient.checksum
            let first = checksums[node]?[bucket]
            if let first, first.worker != worker, first.sum != sum {
                return .contradicted(first.worker)
            }
            if first == nil,
                covering.contains(where: { !wanted[$0].gradients[bucket].contains(node) })
            {
                checksums[node, default: [:]][bucket] = (worker, sum)
            }
        }
        var isNew = false
        var complete: [(node: TreeNode, sum: Tensor)] = []
        for place in covering where wanted[place].gradients[bucket].insert(gradient, at: node) {
            isNew = true
            if let sum = wanted[place].gradients[bucket].takeResult() {
                complete.append((wanted[place].node, sum))
            }
        }
        return isNew ? .inserted(complete) : .known
    }

    /// Inserts a node's report.
    mutating func insert(_ report: ShardReport, of node: TreeNode) -> Insertion<ShardReport> {
        var isNew = false
        var complete: [(node: TreeNode, sum: ShardReport)] = []
        for place in wanted.indices where wanted[place].report.insert(report, at: node) {
            isNew = true
            if let sum = wanted[place].report.result { complete.append((wanted[place].node, sum)) }
        }
        return isNew ? .inserted(complete) : .known
    }
}

extension Totals {
    /// The totals of a step's exchanges as objectives see them, one a term.
    static func joined(_ rounds: [Int: [Totals]]) -> [Totals] {
        guard let first = rounds[0], let second = rounds[1] else { return rounds[0] ?? [] }
        return zip(first, second).map { Totals($0.whole, responses: $1.whole) }
    }
}
