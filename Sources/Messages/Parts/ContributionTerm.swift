/// The contribution of one term of the objective, of some micro-shards or of the whole mini-batch.
///
/// The record holds the numbers; the tensors follow as payloads, first `sums`, then `gathered`.
package struct ContributionTerm: WireRecord {
    /// The term's place in the objective.
    package var term: UInt16
    /// Numbers to be added.
    package var counts: [Double]
    /// Tensors to be added.
    package var sums: [TensorShape]
    /// Tensors to be collected in the order of the clouds.
    package var gathered: [GatheredShape]

    package static let layout = Layout(
        ContributionTerm.init(term:counts:sums:gathered:),
        .value("term", \.term),
        .list("counts", \.counts, limit: Limits.numbers),
        .list("sums", \.sums, limit: Limits.payloads),
        .list("gathered tensors", \.gathered, limit: Limits.payloads))

    /// A record with the given fields.
    package init(term: UInt16, counts: [Double], sums: [TensorShape], gathered: [GatheredShape]) {
        self.term = term
        self.counts = counts
        self.sums = sums
        self.gathered = gathered
    }

    /// Bytes of each tensor, in the order of the payloads.
    package var payloadSizes: [Int] {
        sums.map(\.byteCount) + gathered.map(\.shape.byteCount)
    }
}

extension [ContributionTerm] {
    /// Tensors of all terms: the message's payloads.
    var tensorCount: Int { reduce(0) { $0 + $1.sums.count + $1.gathered.count } }
}
