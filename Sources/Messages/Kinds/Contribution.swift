/// What the objective's terms need others to know of a node's micro-shards; one payload a tensor.
package struct Contribution: MessageFields {
    /// Its number.
    package static let kind = MessageKind.contribution

    /// The training step.
    package var step: UInt64
    /// The micro-shards that say it, together.
    package var node: TreeNode
    /// Which exchange of the step: 0, or 1 for responses to the first one's totals.
    package var round: UInt8
    /// Term by term.
    package var terms: [ContributionTerm]

    /// A message of the given fields.
    package init(step: UInt64, node: TreeNode, round: UInt8 = 0, terms: [ContributionTerm]) {
        self.step = step
        self.node = node
        self.round = round
        self.terms = terms
    }

    /// The tensors, term by term.
    package var payloads: PayloadRule { .exact(terms.flatMap(\.payloadSizes)) }

    /// Reads the fields in order.
    package init(from reader: inout ByteReader) throws(MessageError) {
        step = try reader.read("step")
        node = try reader.read("node")
        round = try reader.read("round")
        terms = try reader.list("terms", limit: Limits.terms)
        try reader.require(
            terms.reduce(0) { $0 + $1.sums.count + $1.gathered.count } <= Limits.payloads,
            "declares more than \(Limits.payloads) payloads")
    }

    /// Writes the fields in order.
    package func write(to writer: inout ByteWriter) throws(MessageError) {
        try writer.write(step)
        try writer.write(node)
        try writer.write(round)
        try writer.list(terms, "terms", limit: Limits.terms)
    }
}
