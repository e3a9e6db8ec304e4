/// The contributions of the whole mini-batch, summed and gathered; one payload a tensor.
package struct Totals: MessageFields {
    /// Its number.
    package static let kind = MessageKind.totals

    /// The training step.
    package var step: UInt64
    /// Which exchange of the step: 0, or 1 for responses to the first one's totals.
    package var round: UInt8
    /// Term by term.
    package var terms: [ContributionTerm]

    /// A message of the given fields.
    package init(step: UInt64, round: UInt8 = 0, terms: [ContributionTerm]) {
        self.step = step
        self.round = round
        self.terms = terms
    }

    /// The tensors, term by term.
    package var payloads: PayloadRule { .exact(terms.flatMap(\.payloadSizes)) }

    /// Reads the fields in order.
    package init(from reader: inout ByteReader) throws(MessageError) {
        step = try reader.read("step")
        round = try reader.read("round")
        terms = try reader.list("terms", limit: Limits.terms)
        try reader.require(
            terms.reduce(0) { $0 + $1.sums.count + $1.gathered.count } <= Limits.payloads,
            "declares more than \(Limits.payloads) payloads")
    }

    /// Writes the fields in order.
    package func write(to writer: inout ByteWriter) throws(MessageError) {
        try writer.write(step)
        try writer.write(round)
        try writer.list(terms, "terms", limit: Limits.terms)
    }
}
