/// All that a tree node's sum says besides the gradient.
public struct NodeReport: MessageFields {
    /// Its number.
    public static let kind = MessageKind.nodeReport

    /// The training step.
    public var step: UInt64
    /// Which micro-shards it sums.
    public var node: TreeNode
    /// Loss terms and counts, summed along the tree.
    public var values: [Double]
    /// Whether batch statistics follow as a payload.
    public var hasStatistics: Bool
    /// Where the time went.
    public var phases: [PhaseTime]

    /// A message of the given fields.
    public init(
        step: UInt64, node: TreeNode, values: [Double], hasStatistics: Bool, phases: [PhaseTime]
    ) {
        self.step = step
        self.node = node
        self.values = values
        self.hasStatistics = hasStatistics
        self.phases = phases
    }

    /// The statistics, 4-byte units, if there are any.
    public var payloads: PayloadRule { hasStatistics ? .floats : .none }

    /// Reads the fields in order.
    public init(from reader: inout ByteReader) throws(MessageError) {
        step = try reader.read("step")
        node = try reader.read("node")
        values = try reader.list("values", limit: Limits.numbers)
        hasStatistics = try reader.flag("statistics flag")
        phases = try reader.list("phases", limit: Limits.phases)
    }

    /// Writes the fields in order.
    public func write(to writer: inout ByteWriter) throws(MessageError) {
        try writer.write(step)
        try writer.write(node)
        try writer.list(values, "values", limit: Limits.numbers)
        writer.flag(hasStatistics)
        try writer.list(phases, "phases", limit: Limits.phases)
    }
}
