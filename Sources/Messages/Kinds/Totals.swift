/// The contributions of the whole mini-batch, summed and gathered.
///
/// One payload per tensor.
package struct Totals: Message {
    package static let kind: MessageKind = 9

    /// The training step, from 0.
    package var step: UInt64
    /// The exchange within the step: 0, or 1 for responses to the first exchange's totals.
    package var round: UInt8
    /// The objective's terms, in order.
    package var terms: [ContributionTerm]

    /// The tensors, term by term.
    package var payloads: PayloadRule { .exact(terms.flatMap(\.payloadSizes)) }

    package static let layout = Layout(
        Totals.init(step:round:terms:),
        .value("step", \.step),
        .value("round", \.round),
        .list("terms", \.terms, limit: Limits.terms)
    )
    .rejecting {
        $0.terms.tensorCount > Limits.payloads
            ? "declares more than \(Limits.payloads) payloads" : nil
    }

    /// A message with the given fields.
    package init(step: UInt64, round: UInt8 = 0, terms: [ContributionTerm]) {
        self.step = step
        self.round = round
        self.terms = terms
    }
}
