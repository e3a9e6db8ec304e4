/// A node of the fixed binary tree over micro-shards: it covers the shards
/// `index << level ..< (index + 1) << level`, cut at the number of shards.
package struct TreeNode: Hashable, Sendable, Comparable {
    /// 0 for a single shard; each level doubles.
    package let level: Int
    /// Its place among the nodes of its level.
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
        while 1 << level < shards { level += 1 }
        return TreeNode(level: level, index: 0)
    }

    /// The shards it covers, of so many.
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
    /// Whether this node is `other` or stands above it.
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

/// Sums over the fixed tree: values enter at any node and move up as soon as both halves are there.
///
/// The order of every addition is the tree's, whoever computed what and whenever it came; so the
/// root's bits do not depend on how the shards were shared out. A value for a node that is already
/// known, by itself, in its parts or within a larger one, is refused (`insert` returns false): results
/// are taken once.
package struct ReductionTree<Value: Sendable>: Sendable {
    /// How many shards there are.
    package let shards: Int
    /// The node that is wanted.
    package let top: TreeNode
    /// What makes one of two values, which it may use up.
    package typealias Combination = @Sendable (consuming Value, consuming Value) -> Value

    private let combine: Combination
    private var waiting: [TreeNode: Value] = [:]
    private var known: Set<TreeNode> = []
    /// The sum at `top`, once it is complete.
    package private(set) var result: Value?

    /// A tree over so many shards whose sum is wanted at `top` (the root if nil).
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

    /// Takes a node's value; false, and nothing changes, if it is there already.
    ///
    /// Values of its parts that are there give way to it: the bits are the same.
    @discardableResult
    package mutating func insert(_ value: consuming Value, at node: TreeNode) -> Bool {
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

    /// The sum at `top`, once: asked again, it is gone, though its node stays known.
    package mutating func takeResult() -> Value? {
        defer { result = nil }
        return result
    }
}
