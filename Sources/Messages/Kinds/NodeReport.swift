/// The results of a tree node's micro-shards besides the gradient.
package struct NodeReport: Message {
    package static let kind: MessageKind = 11

    /// The training step, from 0.
    package var step: UInt64
    /// The tree node whose micro-shards it covers.
    package var node: TreeNode
    /// Loss terms and counts, summed along the tree.
    package var values: [Double]
    /// Whether batch statistics follow as a payload.
    package var hasStatistics: Bool
    /// Time spent in each phase.
    package var phases: [PhaseTime]
    /// The largest memory use of the worker's process so far, in bytes.
    package var peakBytes: UInt64
    /// Pages that the system has given to the worker's process so far.
    package var pageFaults: UInt64
    /// Buffers that the tensor pools have requested from the system so far.
    package var buffers: UInt64

    /// The statistics as 4-byte units, if there are any.
    package var payloads: PayloadRule { hasStatistics ? .floats : .none }

    package static let layout = Layout(
        NodeReport.init(step:node:values:hasStatistics:phases:peakBytes:pageFaults:buffers:),
        .value("step", \.step),
        .value("node", \.node),
        .list("values", \.values, limit: Limits.numbers),
        .flag("statistics flag", \.hasStatistics),
        .list("phases", \.phases, limit: Limits.phases),
        .value("peak bytes", \.peakBytes),
        .value("page faults", \.pageFaults),
        .value("buffers", \.buffers))

    /// A message with the given fields.
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
}
