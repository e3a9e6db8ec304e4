/// What the objective's terms need others to know of a node's micro-shards; one payload a tensor.
public struct Contribution: MessageFields {
    /// Its number.
    public static let kind = MessageKind.contribution

    /// The training step.
    public var step: UInt64
    /// The micro-shards that say it, together.
    public var node: TreeNode
    /// Which exchange of the step: 0, or 1 for responses to the first one's totals.
    public var round: UInt8
    /// Term by term.
    public var terms: [ContributionTerm]

    /// A message of the given fields.
    public init(step: UInt64, node: TreeNode, round: UInt8 = 0, terms: [ContributionTerm]) {
        self.step = step
        self.node = node
        self.round = round
        self.terms = terms
    }

    /// The tensors, term by term.
    public var payloads: PayloadRule { .exact(terms.flatMap(\.payloadSizes)) }

    /// Reads the fields in order.
    public init(from reader: inout ByteReader) throws(MessageError) {
        step = try reader.read("step")
        node = try reader.read("node")
        round = try reader.read("round")
        terms = try reader.list("terms", limit: Limits.terms)
        try reader.require(
            terms.reduce(0) { $0 + $1.sums.count + $1.gathered.count } <= Limits.payloads,
            "declares more than \(Limits.payloads) payloads")
    }

    /// Writes the fields in order.
    public func write(to writer: inout ByteWriter) throws(MessageError) {
        try writer.write(step)
        try writer.write(node)
        try writer.write(round)
        try writer.list(terms, "terms", limit: Limits.terms)
    }
}
