/// Micro-shards for a worker to compute, and the tree nodes whose sums it owes for them.
public struct Lease: MessageFields {
    /// Its number.
    public static let kind = MessageKind.lease

    /// The lease's number.
    public var lease: UInt64
    /// The training step.
    public var step: UInt64
    /// The weights to compute with.
    public var weightsVersion: UInt64
    /// The largest aligned subtrees that the micro-shards make up.
    public var nodes: [TreeNode]
    /// The micro-shards.
    public var shards: [ShardPlan]

    /// A message of the given fields.
    public init(
        lease: UInt64, step: UInt64, weightsVersion: UInt64, nodes: [TreeNode], shards: [ShardPlan]
    ) {
        self.lease = lease
        self.step = step
        self.weightsVersion = weightsVersion
        self.nodes = nodes
        self.shards = shards
    }

    /// Reads the fields in order.
    public init(from reader: inout ByteReader) throws(MessageError) {
        lease = try reader.read("lease")
        step = try reader.read("step")
        weightsVersion = try reader.read("weights version")
        nodes = try reader.list("nodes", limit: Limits.nodes)
        shards = try reader.list("micro-shards", limit: Limits.shards)
    }

    /// Writes the fields in order.
    public func write(to writer: inout ByteWriter) throws(MessageError) {
        try writer.write(lease)
        try writer.write(step)
        try writer.write(weightsVersion)
        try writer.list(nodes, "nodes", limit: Limits.nodes)
        try writer.list(shards, "micro-shards", limit: Limits.shards)
    }
}
