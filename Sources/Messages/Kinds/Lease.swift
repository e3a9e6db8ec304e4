/// Micro-shards for a worker to compute, and the tree nodes whose sums it owes for them.
package struct Lease: MessageFields {
    /// Its number.
    package static let kind = MessageKind.lease

    /// The lease's number.
    package var lease: UInt64
    /// The training step.
    package var step: UInt64
    /// The weights to compute with.
    package var weightsVersion: UInt64
    /// The largest aligned subtrees that the micro-shards make up.
    package var nodes: [TreeNode]
    /// The micro-shards.
    package var shards: [ShardPlan]

    /// A message of the given fields.
    package init(
        lease: UInt64, step: UInt64, weightsVersion: UInt64, nodes: [TreeNode], shards: [ShardPlan]
    ) {
        self.lease = lease
        self.step = step
        self.weightsVersion = weightsVersion
        self.nodes = nodes
        self.shards = shards
    }

    /// Reads the fields in order.
    package init(from reader: inout ByteReader) throws(MessageError) {
        lease = try reader.read("lease")
        step = try reader.read("step")
        weightsVersion = try reader.read("weights version")
        nodes = try reader.list("nodes", limit: Limits.nodes)
        shards = try reader.list("micro-shards", limit: Limits.shards)
    }

    /// Writes the fields in order.
    package func write(to writer: inout ByteWriter) throws(MessageError) {
        try writer.write(lease)
        try writer.write(step)
        try writer.write(weightsVersion)
        try writer.list(nodes, "nodes", limit: Limits.nodes)
        try writer.list(shards, "micro-shards", limit: Limits.shards)
    }
}
