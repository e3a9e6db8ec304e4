package import Training

/// Divides nodes among workers: contiguous runs of micro-shards, in proportion to each worker's
/// throughput and less what it already holds, as nodes that are as large as possible.
///
/// - Parameters:
///   - nodes: the nodes to divide, in the order of their micro-shards.
///   - count: how many micro-shards the tree has.
///   - offers: the workers, their throughput (micro-shards in any one time) and the micro-shards they
///     already hold.
/// - Returns: the nodes into which the given ones were split, and each worker's share of them; workers
///   without a share are absent.
package func divide(
    _ nodes: [TreeNode], of count: Int,
    among offers: [(worker: WorkerID, throughput: Double, load: Int)]
) -> (split: [TreeNode], shares: [(worker: WorkerID, nodes: [TreeNode])]) {
    let shards = nodes.flatMap { Array($0.shards(of: count)) }
    let throughput = offers.reduce(0) { $0 + $1.throughput }
    let work = offers.reduce(shards.count) { $0 + $1.load }
    guard throughput > 0, !shards.isEmpty else { return (nodes, []) }

    // Whole micro-shards, the remaining ones to the workers that finish them first, so that the quotas
    // add up.
    var quotas = offers.map { max(0, Int(Double(work) * $0.throughput / throughput) - $0.load) }
    var left = shards.count - quotas.reduce(0, +)
    while left > 0 {
        let first = offers.indices.min {
            let a = Double(offers[$0].load + quotas[$0] + 1) / offers[$0].throughput
            let b = Double(offers[$1].load + quotas[$1] + 1) / offers[$1].throughput
            return (a, $0) < (b, $1)
        }!
        quotas[first] += 1
        left -= 1
    }
    var split: [TreeNode] = []
    var shares: [(worker: WorkerID, nodes: [TreeNode])] = []
    var taken = 0
    for (place, offer) in offers.enumerated() where taken < shards.count {
        // Rounding down may have given quotas of more than there is: the last worker takes the rest.
        let isLast = place == offers.count - 1
        let end = isLast ? shards.count : min(taken + quotas[place], shards.count)
        let share = cover(Array(shards[taken..<end]), within: nodes, of: count)
        if !share.isEmpty { shares.append((offer.worker, share)) }
        split += share
        taken = end
    }
    return (split, shares)
}

/// The largest aligned nodes that cover the micro-shards, none larger than the node it comes from.
private func cover(_ shards: [Int], within nodes: [TreeNode], of count: Int) -> [TreeNode] {
    nodes.flatMap { node -> [TreeNode] in
        let range = node.shards(of: count)
        let part = shards.filter(range.contains)
        guard let first = part.first, let last = part.last else { return [] }
        return TreeNode.covering(first..<(last + 1), of: count).flatMap {
            $0.covers(node) ? [node] : [$0]
        }
    }
}
