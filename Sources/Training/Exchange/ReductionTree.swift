/// Node of the fixed binary tree over micro-shards; covers the shards
/// `index << level ..< (index + 1) << level`, cut at the number of shards.
package struct TreeNode: Hashable, Sendable, Comparable {
    /// 0 for a single shard; each level doubles.
    package let level: Int
    /// The place among the nodes of the level.
    package let index: Int

    /// The node at a place.
    package init(level: Int, index: Int) {
        self.level = level
        self.index = index
    }

    /// The leaf of one shard.
    package init(shard: Int) { self.init(level: 0, index: shard) }

    /// The root over so many shards.
    package static func root(shards: Int) -> TreeNode {
        var level = 0
        // The smallest power of two that holds all shards; missing shards make no node.
        while 1 << level < shards { level += 1 }
        return TreeNode(level: level, index: 0)
    }

    /// The shards that it covers, of so many.
    package func shards(of count: Int) -> Range<Int> {
        min(index << level, count)..<min((index + 1) << level, count)
    }

    /// The node above.
    package var parent: TreeNode { TreeNode(level: level + 1, index: index >> 1) }
    /// The two nodes below; a leaf has none.
    package var children: (left: TreeNode, right: TreeNode)? {
        level == 0
            ? nil
            : (
                TreeNode(level: level - 1, index: 2 * index),
                .init(level: level - 1, index: 2 * index + 1)
            )
    }
    /// Whether this node is `other` or an ancestor of it.
    package func covers(_ other: TreeNode) -> Bool {
        other.level <= level && other.index >> (level - other.level) == index
    }

    /// By level, then by place.
    package static func < (a: TreeNode, b: TreeNode) -> Bool {
        (a.level, a.index) < (b.level, b.index)
    }

    /// The largest aligned nodes that together cover a contiguous range of shards.
    ///
    /// A range that ends with the last shard counts as reaching the end of its node.
    package static func covering(_ range: Range<Int>, of count: Int) -> [TreeNode] {
        var nodes: [TreeNode] = []
        var start = range.lowerBound
        while start < range.upperBound {
            var node = TreeNode(shard: start)
            while node.index & 1 == 0, node.parent.shards(of: count).upperBound <= range.upperBound,
                node.level < root(shards: count).level
            {
                node = node.parent
            }
            nodes.append(node)
            start = node.shards(of: count).upperBound
        }
        return nodes
    }
}

/// Sums over the fixed tree: values are inserted at any node and summed as soon as both children are
/// present.
///
/// The tree fixes the order of every addition, independently of which worker computed a value and when it
/// was received, so the bits of the root do not depend on the distribution of shards. A value is rejected
/// (`insert` returns false) if its node, or one that covers it, already has one: each result counts once.
package struct ReductionTree<Value: Sendable>: Sendable {
    /// The number of shards.
    package let shards: Int
    /// The node whose sum is computed.
    package let top: TreeNode
    /// Combines two values, which it may consume.
    package typealias Combination = @Sendable (consuming Value, consuming Value) -> Value

    private let combine: Combination
    private var waiting: [TreeNode: Value] = [:]
    private var known: Set<TreeNode> = []
    /// The sum at `top`, once it is complete.
    package private(set) var result: Value?

    /// A tree over so many shards whose sum is computed at `top` (the root if nil).
    package init(shards: Int, top: TreeNode? = nil, combine: @escaping Combination) {
        precondition(shards > 0, "A sum over no shards.")
        self.shards = shards
        self.top = top ?? .root(shards: shards)
        self.combine = combine
    }

    /// Whether a node's value is already in the sum.
    package func contains(_ node: TreeNode) -> Bool {
        var above = node
        while above.level <= top.level {
            if known.contains(above) { return true }
            above = above.parent
        }
        return node.shards(of: shards).isEmpty
            || (node.children.map { contains($0.left) && contains($0.right) } ?? false)
    }

    /// Inserts a node's value; returns false without a change if the node already has one.
    ///
    /// Replaces values of its descendants, whose sum has the same bits.
    @discardableResult
    package mutating func insert(_ value: consuming Value, at node: TreeNode) -> Bool {
        // Results may be delivered twice, or computed by two workers after a reassignment.
        guard top.covers(node), !contains(node) else { return false }
        for part in waiting.keys where node.covers(part) { waiting[part] = nil }
        var node = node
        while true {
            known.insert(node)
            if node == top {
                result = value
                waiting.removeAll()
                return true
            }
            let sibling = TreeNode(level: node.level, index: node.index ^ 1)
            if sibling.shards(of: shards).isEmpty {
                node = node.parent
            } else if let other = waiting.removeValue(forKey: sibling) {
                value = node.index & 1 == 0 ? combine(value, other) : combine(other, value)
                node = node.parent
            } else {
                waiting[node] = value
                return true
            }
        }
    }

    /// Removes and returns the sum at `top`; the node still counts as present.
    package mutating func takeResult() -> Value? {
        defer { result = nil }
        return result
    }
}
