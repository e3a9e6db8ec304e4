/// The quantities of a node's micro-shards that objectives sum or gather over the mini-batch.
///
/// One payload per tensor.
package struct Contribution: Message {
    package static let kind: MessageKind = 8

    /// The training step, from 0.
    package var step: UInt64
    /// The tree node whose micro-shards it covers.
    package var node: TreeNode
    /// The exchange within the step: 0, or 1 for responses to the first exchange's totals.
    package var round: UInt8
    /// The objective's terms, in order.
    package var terms: [ContributionTerm]

    /// The tensors, term by term.
    package var payloads: PayloadRule { .exact(terms.flatMap(\.payloadSizes)) }

    package static let layout = Layout(
        Contribution.init(step:node:round:terms:),
        .value("step", \.step),
        .value("node", \.node),
        .value("round", \.round),
        .list("terms", \.terms, limit: Limits.terms)
    )
    .rejecting {
        $0.terms.tensorCount > Limits.payloads
            ? "declares more than \(Limits.payloads) payloads" : nil
    }

    /// A message with the given fields.
    package init(step: UInt64, node: TreeNode, round: UInt8 = 0, terms: [ContributionTerm]) {
        self.step = step
        self.node = node
        self.round = round
        self.terms = terms
    }
}
