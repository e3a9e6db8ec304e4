/// Micro-shards for a worker to compute, and the tree nodes whose sums the worker owes for them.
package struct Lease: Message {
    package static let kind: MessageKind = 7

    /// The training step, from 0.
    package var step: UInt64
    /// The largest aligned subtrees that the micro-shards form.
    package var nodes: [TreeNode]
    /// The micro-shards.
    package var shards: [ShardPlan]

    package static let layout = Layout(
        Lease.init(step:nodes:shards:),
        .value("step", \.step),
        .list("nodes", \.nodes, limit: Limits.nodes),
        .list("micro-shards", \.shards, limit: Limits.shards))

    /// A message with the given fields.
    package init(step: UInt64, nodes: [TreeNode], shards: [ShardPlan]) {
        self.step = step
        self.nodes = nodes
        self.shards = shards
    }
}
