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
    /// The most memory the worker's process ever had, in bytes.
    public var peakBytes: UInt64
    /// Pages the system has given to it so far.
    public var pageFaults: UInt64
    /// Buffers its tensors' pools have asked of the system so far.
    public var buffers: UInt64

    /// A message of the given fields.
    public init(
        step: UInt64, node: TreeNode, values: [Double], hasStatistics: Bool, phases: [PhaseTime],
        peakBytes: UInt64 = 0, pageFaults: UInt64 = 0, buffers: UInt64 = 0
    ) {
        self.step = step
        self.node = node
        self.values = values
        self.hasStatistics = hasStatistics
        self.phases = phases
        self.peakBytes = peakBytes
        self.pageFaults = pageFaults
        self.buffers = buffers
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
        peakBytes = try reader.read("peak bytes")
        pageFaults = try reader.read("page faults")
        buffers = try reader.read("buffers")
    }

    /// Writes the fields in order.
    public func write(to writer: inout ByteWriter) throws(MessageError) {
        try writer.write(step)
        try writer.write(node)
        try writer.list(values, "values", limit: Limits.numbers)
        writer.flag(hasStatistics)
        try writer.list(phases, "phases", limit: Limits.phases)
        try writer.write(peakBytes)
        try writer.write(pageFaults)
        try writer.write(buffers)
    }
}
