import Distillation
import Tensors
import Training

/// The books of one step: what has come in, what is out on lease and with whom, what is still to be
/// handed out.
///
/// A value without time or network; whoever keeps it asks it what a message changes. What is wanted
/// are the sums at some nodes of the step's tree: a coordinator wants the root, a relay the nodes that
/// were leased to it.
struct StepLedger {
    let step: Int
    let shape: StepShape
    /// The clouds of the micro-shards under the wanted nodes.
    private var clouds: [Int: Lease.Shard] = [:]

    /// A node whose sums are wanted, and what is there of them.
    private struct Wanted {
        let node: TreeNode
        /// What the micro-shards said in the exchange at hand.
        var contributions: ReductionTree<[Contribution]>
        var gradients: [ReductionTree<Tensor>]
        var report: ReductionTree<ShardReport>

        func isDone(_ part: TreeNode) -> Bool {
            report.contains(part) && gradients.allSatisfy { $0.contains(part) }
        }
    }

    private var wanted: [Wanted] = []
    /// The totals of each exchange that is over.
    private(set) var exchanged: [Int: [Totals]] = [:]
    /// The lengths that contributions to the exchange at hand have, term by term.
    private var lengths: [Contribution.Shape]?

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
    private var said: [TreeNode: [Int: (worker: WorkerID, sum: Checksum64)]] = [:]
    /// The micro-shards each worker has contributed for in the exchange at hand.
    private var spoken: [WorkerID: Set<Int>] = [:]
    /// When the latest exchange was over: who waited for it until then was not slow.
    private(set) var turn = Duration.zero
    /// Nodes nobody holds.
    private(set) var pending: [TreeNode] = []
    /// Whether work is handed out piece by piece: some of it has come back, or there were too few to
    /// begin with.
    var isInPieces = false

    /// Books in which nothing is wanted yet.
    init(step: Int, _ shape: StepShape) {
        self.step = step
        self.shape = shape
    }

    private var shards: Int { shape.shards }

    /// Puts down nodes that are wanted, with the clouds of their micro-shards; one that is wanted
    /// already is passed over.
    mutating func want(_ nodes: [TreeNode], _ clouds: [Lease.Shard]) {
        for cloud in clouds { self.clouds[cloud.shard] = cloud }
        for node in nodes where !wanted.contains(where: { $0.node == node }) {
            wanted.append(
                Wanted(
                    node: node, contributions: contributionTree(node),
                    gradients: (0..<shape.buckets).map { _ in
                        ReductionTree(shards: shards, top: node, combine: shape.wire.sum)
                    },
                    report: ReductionTree(shards: shards, top: node) { $0 + $1 }))
            pending.append(node)
        }
        pending.sort(by: comesFirst)
    }

    /// Sums of contributions whose lengths and clouds have been looked at before they enter.
    private func contributionTree(_ node: TreeNode) -> ReductionTree<[Contribution]> {
        ReductionTree(shards: shards, top: node) { left, right in
            guard let sums = try? zip(left, right).map(Contribution.sum) else {
                preconditionFailure("Contributions of other lengths, or of one cloud, came in.")
            }
            return sums
        }
    }

    private func comesFirst(_ a: TreeNode, _ b: TreeNode) -> Bool {
        a.shards(of: shards).lowerBound < b.shards(of: shards).lowerBound
    }

    /// Whether everything of the step is in.
    var isComplete: Bool { wanted.allSatisfy { $0.isDone($0.node) } }

    /// The step's report, where the root is what is wanted; nil until it is complete.
    var report: ShardReport? { wanted.first?.report.result }

    /// Whether a node's gradient and report are all in.
    func isDone(_ node: TreeNode) -> Bool {
        wanted.allSatisfy { !$0.node.covers(node) || $0.isDone(node) }
    }

    /// The clouds of a node's micro-shards.
    func clouds(of node: TreeNode) -> [Lease.Shard] {
        node.shards(of: shards).compactMap { clouds[$0] }
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

    /// The exchange at hand: the first that is not over.
    var round: Int {
        (0..<shape.exchanges).first { exchanged[$0] == nil } ?? shape.exchanges
    }

    /// Whether the step cannot go on before this node says more.
    func isAwaited(_ node: TreeNode) -> Bool {
        guard !isDone(node) else { return false }
        return round == shape.exchanges
            || wanted.contains { $0.node.covers(node) && !$0.contributions.contains(node) }
    }

    /// What one worker alone holds and the step waits for.
    var awaited: [Holding] {
        leased.filter { holding in said[holding.node] == nil && isAwaited(holding.node) }
    }

    /// The workers that have something to do before others have said more.
    var busy: Set<WorkerID> { Set(presentLoads.keys) }

    /// How many micro-shards each worker has to do something for before others have said more; none
    /// for who only waits.
    ///
    /// Whoever was given what another had gone forward through goes forward through it again, whether
    /// or not the step waits for that.
    var presentLoads: [WorkerID: Int] {
        leased.reduce(into: [:]) { loads, lease in
            guard !isDone(lease.node) else { return }
            let said = round == shape.exchanges ? [] : spoken[lease.worker] ?? []
            let load = lease.node.shards(of: shards).count {
                !said.contains($0) && !isDone(TreeNode(shard: $0))
            }
            if load > 0 { loads[lease.worker, default: 0] += load }
        }
    }

    /// Puts the pending work down as the given nodes, which must cover the same shards.
    mutating func splitPending(into nodes: [TreeNode]) { pending = nodes }

    /// Takes back what a worker held and has not finished; those nodes are pending again.
    mutating func reclaim(from worker: WorkerID) -> [TreeNode] {
        let left = leased.filter { $0.worker == worker && !isDone($0.node) }.map(\.node)
        leased.removeAll { $0.worker == worker }
        given[worker] = nil
        spoken[worker] = nil
        let unfinished = left.filter { node in !leased.contains { $0.node == node } }
        pending += unfinished
        pending.sort(by: comesFirst)
        isInPieces = isInPieces || !unfinished.isEmpty
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

    /// Whether a worker was given a node, by itself or within a larger one.
    func isLeased(within node: TreeNode, to worker: WorkerID) -> Bool {
        given[worker]?.contains { $0.covers(node) } ?? false
    }

    // MARK: What comes in

    /// Takes a node's contributions to an exchange; the wanted nodes that they were the last of, with
    /// their sums.
    ///
    /// Throws, and takes nothing, if they do not fit the others' or speak of others' clouds: they
    /// were computed from another recipe.
    mutating func take(
        _ parts: [Contribution], of node: TreeNode, round: Int, from worker: WorkerID
    ) throws -> [(node: TreeNode, sums: [Contribution])] {
        guard round == self.round, round < shape.exchanges else { return [] }
        let lengths = parts.map { part in
            Contribution.Shape(counts: part.counts.count, sums: part.shape.sums, gathered: [])
        }
        guard lengths == self.lengths ?? lengths else {
            throw ObjectiveError("it contributed tensors of other shapes than the others")
        }
        let places = Set(clouds(of: node).flatMap { $0.samples.map(\.place) })
        guard parts.allSatisfy({ $0.gathered.allSatisfy { places.contains($0.place) } }) else {
            throw ObjectiveError("it contributed tensors of clouds that are not its own")
        }
        self.lengths = lengths
        spoken[worker, default: []].formUnion(node.shards(of: shards))
        var complete: [(node: TreeNode, sums: [Contribution])] = []
        for place in wanted.indices where wanted[place].node.covers(node) {
            wanted[place].contributions.insert(parts, at: node)
            if let sums = wanted[place].contributions.takeResult() {
                complete.append((wanted[place].node, sums))
            }
        }
        return complete
    }

    /// Ends an exchange, of which the totals are now known; false if it was over before.
    mutating func settle(_ round: Int, _ totals: [Totals], at now: Duration) -> Bool {
        guard exchanged[round] == nil, round < shape.exchanges else { return false }
        let before = self.round
        exchanged[round] = totals
        guard self.round > before else { return true }
        turn = now
        lengths = nil
        spoken = [:]
        for place in wanted.indices {
            wanted[place].contributions = contributionTree(wanted[place].node)
        }
        return true
    }

    /// The totals of all exchanges, one a term; empty where there is none.
    var totals: [Totals] { Totals.joined(exchanged) }

    /// Takes a node's gradient in one bucket; the sums of the wanted nodes that it was the last of.
    mutating func take(
        _ gradient: Tensor, of node: TreeNode, bucket: Int, from worker: WorkerID
    ) -> Intake<Tensor> {
        let covering = wanted.indices.filter { wanted[$0].node.covers(node) }
        if let told = said[node] {
            let sum = gradient.checksum
            if let first = told[bucket], first.worker != worker, first.sum != sum {
                return .contradicted(first.worker)
            }
            if told[bucket] == nil,
                covering.contains(where: { !wanted[$0].gradients[bucket].contains(node) })
            {
                said[node]?[bucket] = (worker, sum)
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
        return isNew ? .taken(complete) : .known
    }

    /// Takes a node's report; the sums of the wanted nodes that it was the last of.
    mutating func take(_ report: ShardReport, of node: TreeNode) -> Intake<ShardReport> {
        var isNew = false
        var complete: [(node: TreeNode, sum: ShardReport)] = []
        for place in wanted.indices where wanted[place].report.insert(report, at: node) {
            isNew = true
            if let sum = wanted[place].report.result { complete.append((wanted[place].node, sum)) }
        }
        return isNew ? .taken(complete) : .known
    }

    enum Intake<Value> {
        /// It was there already: a second delivery, or somebody else's result for the same node.
        case known
        /// Somebody else said something else for the same node, which counts.
        case contradicted(WorkerID)
        /// It is in; the sums of the wanted nodes that it was the last of.
        case taken([(node: TreeNode, sum: Value)])
    }
}

extension Totals {
    /// The totals of a step's exchanges as objectives see them, one a term.
    static func joined(_ rounds: [Int: [Totals]]) -> [Totals] {
        guard let first = rounds[0], let second = rounds[1] else { return rounds[0] ?? [] }
        return zip(first, second).map { Totals($0.whole, responses: $1.whole) }
    }
}
