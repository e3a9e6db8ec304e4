/// All that a tree node's sum says besides the gradient.
package struct NodeReport: MessageFields {
    /// Its number.
    package static let kind = MessageKind.nodeReport

    /// The training step.
    package var step: UInt64
    /// Which micro-shards it sums.
    package var node: TreeNode
    /// Loss terms and counts, summed along the tree.
    package var values: [Double]
    /// Whether batch statistics follow as a payload.
    package var hasStatistics: Bool
    /// Where the time went.
    package var phases: [PhaseTime]
    /// The most memory the worker's process ever had, in bytes.
    package var peakBytes: UInt64
    /// Pages the system has given to it so far.
    package var pageFaults: UInt64
    /// Buffers its tensors' pools have asked of the system so far.
    package var buffers: UInt64

    /// A message of the given fields.
    package init(
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
    package var payloads: PayloadRule { hasStatistics ? .floats : .none }

    /// Reads the fields in order.
    package init(from reader: inout ByteReader) throws(MessageError) {
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
    package func write(to writer: inout ByteWriter) throws(MessageError) {
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
