import Training

/// Records which worker holds which node of a step's tree, and since when.
///
/// A node of which no result came for too long is leased to a second worker as well; the first result
/// counts. What results there are is known to the ``StepLedger``, not here: methods that depend on it
/// take it as an argument.
struct LeaseTable: Sendable {
    /// A node on lease.
    struct Entry: Sendable {
        let node: TreeNode
        let worker: WorkerID
        /// Time of the lease.
        let since: Duration
    }

    /// One of the results that a lease of a node asks for.
    enum Result: Hashable, Sendable {
        case gradient(bucket: Int)
        case report
    }

    /// Micro-shards of the step's tree.
    private let shards: Int
    /// The leases, in the order they were given.
    private(set) var entries: [Entry] = []
    /// The leased nodes by worker.
    private var nodes: [WorkerID: Set<TreeNode>] = [:]
    /// The nodes that were leased to a second worker.
    private var doubled: Set<TreeNode> = []
    /// The results of each node that each worker has delivered.
    private var delivered: [WorkerID: [TreeNode: Set<Result>]] = [:]
    /// Wanted nodes that no worker holds, in the order of their micro-shards.
    private(set) var pending: [TreeNode] = []
    /// Whether pending work is leased as single micro-shards: some of it was reclaimed, or a worker is
    /// expected to join during the step.
    private(set) var isFineGrained = false

    /// A table of a tree of so many micro-shards, without leases.
    init(shards: Int) { self.shards = shards }

    // MARK: Pending nodes

    /// Adds nodes that are to be leased.
    mutating func add(_ nodes: [TreeNode]) {
        pending += nodes
        pending.sort { $0.shards(of: shards).lowerBound < $1.shards(of: shards).lowerBound }
    }

    /// Replaces the pending nodes by others that cover the same micro-shards.
    mutating func splitPending(into nodes: [TreeNode]) { pending = nodes }

    /// Splits the pending nodes into micro-shards.
    mutating func splitPendingIntoShards() {
        isFineGrained = true
        pending = pending.flatMap { $0.shards(of: shards).map(TreeNode.init(shard:)) }
    }

    // MARK: Leases

    /// Records a lease of pending nodes.
    mutating func lease(_ nodes: [TreeNode], to worker: WorkerID, at now: Duration) {
        pending.removeAll { nodes.contains($0) }
        entries += nodes.map { Entry(node: $0, worker: worker, since: now) }
        self.nodes[worker, default: []].formUnion(nodes)
    }

    /// Records a second lease of a node that another worker holds.
    mutating func leaseAgain(_ node: TreeNode, to worker: WorkerID, at now: Duration) {
        entries.append(Entry(node: node, worker: worker, since: now))
        nodes[worker, default: []].insert(node)
        doubled.insert(node)
    }

    /// Ends a worker's leases; those of its nodes that are not done and that no other worker holds are
    /// pending again.
    ///
    /// - Returns: how many nodes are pending again.
    mutating func reclaim(from worker: WorkerID, in step: StepLedger) -> Int {
        let unfinished = entries.filter { $0.worker == worker && !step.isDone($0.node) }.map(\.node)
        entries.removeAll { $0.worker == worker }
        nodes[worker] = nil
        let free = unfinished.filter { node in !entries.contains { $0.node == node } }
        add(free)
        isFineGrained = isFineGrained || !free.isEmpty
        return free.count
    }

    /// Whether a worker was leased this very node; results of other nodes do not count.
    func isLeased(_ node: TreeNode, to worker: WorkerID) -> Bool {
        nodes[worker]?.contains(node) ?? false
    }

    /// Whether a worker was leased a node, by itself or as part of a larger one.
    func isLeased(within node: TreeNode, to worker: WorkerID) -> Bool {
        nodes[worker]?.contains { $0.covers(node) } ?? false
    }

    /// Whether a node was leased to a second worker.
    func isDoubled(_ node: TreeNode) -> Bool { doubled.contains(node) }

    // MARK: Loads

    /// The latest lease of each node for whose results the step waits, with all workers that hold it.
    func awaited(in step: StepLedger) -> [(latest: Entry, holders: Set<WorkerID>)] {
        var places: [TreeNode: Int] = [:]
        var found: [(latest: Entry, holders: Set<WorkerID>)] = []
        for entry in entries where step.isAwaited(entry.node) {
            if let place = places[entry.node] {
                found[place].latest = entry
                found[place].holders.insert(entry.worker)
            } else {
                places[entry.node] = found.count
                found.append((entry, [entry.worker]))
            }
        }
        return found
    }

    // MARK: Deliveries

    /// Records that a worker has delivered a result of a node, first or not.
    mutating func recordDelivery(of node: TreeNode, _ result: Result, by worker: WorkerID) {
        delivered[worker, default: [:]][node, default: []].insert(result)
    }

    /// Whether a worker has delivered all of so many results of a node.
    func hasDelivered(_ node: TreeNode, results: Int, by worker: WorkerID) -> Bool {
        (delivered[worker]?[node]?.count ?? 0) == results
    }

    /// Whether a worker has delivered all of so many results of any node.
    func hasDelivered(by worker: WorkerID, results: Int) -> Bool {
        delivered[worker]?.values.contains { $0.count == results } ?? false
    }

    /// The workers that were leased nodes of the step, with the micro-shards of those that were leased
    /// to others after them and that they did not deliver, and the time of the first of these leases.
    ///
    /// - Parameter results: results of a node.
    func deliveries(of results: Int) -> [(worker: WorkerID, forfeited: Int, since: Duration)] {
        var latest: [TreeNode: WorkerID] = [:]
        for entry in entries { latest[entry.node] = entry.worker }
        var order: [WorkerID] = []
        var forfeits: [WorkerID: (shards: Int, since: Duration)] = [:]
        for entry in entries {
            if !order.contains(entry.worker) { order.append(entry.worker) }
            guard latest[entry.node] != entry.worker,
                // A report alone, which costs nothing to make, is no delivery.
                !hasDelivered(entry.node, results: results, by: entry.worker)
            else { continue }
            forfeits[entry.worker, default: (0, entry.since)].shards +=
                entry.node.shards(of: shards).count
        }
        return order.map { ($0, forfeits[$0]?.shards ?? 0, forfeits[$0]?.since ?? .zero) }
    }

    /// Number of micro-shards that each worker holds and that are not done.
    func loads(in step: StepLedger) -> [WorkerID: Int] {
        entries.reduce(into: [:]) { loads, entry in
            guard !step.isDone(entry.node) else { return }
            loads[entry.worker, default: 0] += entry.node.shards(of: shards).count
        }
    }

    /// Number of micro-shards that each worker can compute before others have contributed more;
    /// a worker that only waits is absent.
    ///
    /// A micro-shard to which a lost worker had contributed counts in full for the worker that takes it
    /// over: it must go forward through it again.
    func presentLoads(in step: StepLedger) -> [WorkerID: Int] {
        entries.reduce(into: [:]) { loads, entry in
            guard !step.isDone(entry.node) else { return }
            let contributed = step.contributed(by: entry.worker)
            let load = entry.node.shards(of: shards).count {
                !contributed.contains($0) && !step.isDone(TreeNode(shard: $0))
            }
            if load > 0 { loads[entry.worker, default: 0] += load }
        }
    }

    /// The workers that hold nodes which are not done, in the order of their leases.
    func holders(in step: StepLedger) -> [WorkerID] {
        var seen: [WorkerID] = []
        for entry in entries where !step.isDone(entry.node) && !seen.contains(entry.worker) {
            seen.append(entry.worker)
        }
        return seen
    }
}
