package import Training

/// Shares nodes out among workers: contiguous runs of micro-shards, as many as each worker's speed
/// warrants beside what it already holds, in whole nodes as large as they come.
///
/// - Parameters:
///   - nodes: what is to be shared out, in the order of their shards.
///   - count: how many shards the tree has.
///   - offers: the workers, their speeds (micro-shards in any one time), and the micro-shards they
///     hold already.
/// - Returns: the nodes as they were split, and who gets which; workers that get none are absent.
package func share(
    _ nodes: [TreeNode], of count: Int,
    among offers: [(worker: WorkerID, speed: Double, load: Int)]
) -> (split: [TreeNode], shares: [(worker: WorkerID, nodes: [TreeNode])]) {
    let shards = nodes.flatMap { Array($0.shards(of: count)) }
    let speed = offers.reduce(0) { $0 + $1.speed }
    let work = offers.reduce(shards.count) { $0 + $1.load }
    guard speed > 0, !shards.isEmpty else { return (nodes, []) }

    // Whole micro-shards by the largest fractional claim, so that the quotas add up.
    var quotas = offers.map { max(0, Int(Double(work) * $0.speed / speed) - $0.load) }
    var left = shards.count - quotas.reduce(0, +)
    var turn = 0
    while left > 0 {
        let fewest = offers.indices.min {
            let a = Double(offers[$0].load + quotas[$0] + 1) / offers[$0].speed
            let b = Double(offers[$1].load + quotas[$1] + 1) / offers[$1].speed
            return (a, $0) < (b, $1)
        }!
        quotas[fewest] += 1
        left -= 1
    }
    var split: [TreeNode] = []
    var shares: [(worker: WorkerID, nodes: [TreeNode])] = []
    var taken = 0
    while taken < shards.count, turn < offers.count {
        let end = turn == offers.count - 1 ? shards.count : min(taken + quotas[turn], shards.count)
        let mine = cover(Array(shards[taken..<end]), within: nodes, of: count)
        if !mine.isEmpty { shares.append((offers[turn].worker, mine)) }
        split += mine
        taken = end
        turn += 1
    }
    return (split, shares)
}

/// The largest aligned nodes, none larger than the nodes they come from, that cover the shards.
private func cover(_ shards: [Int], within nodes: [TreeNode], of count: Int) -> [TreeNode] {
    nodes.flatMap { node -> [TreeNode] in
        let range = node.shards(of: count)
        let mine = shards.filter(range.contains)
        guard let first = mine.first, let last = mine.last else { return [] }
        return TreeNode.covering(first..<(last + 1), of: count).flatMap { part in
            part.covers(node) ? [node] : [part]
        }
    }
}
