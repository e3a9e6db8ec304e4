/// What one term of the objective says of a micro-shard, or of the whole mini-batch.
///
/// The numbers stand here; the tensors follow as payloads, first `sums`, then `gathered`.
package struct ContributionTerm: WireValue {
    /// The term's place in the objective.
    package var term: UInt16
    /// Numbers to be added.
    package var counts: [Double]
    /// Tensors to be added.
    package var sums: [TensorShape]
    /// Tensors to be collected in the order of the clouds.
    package var gathered: [GatheredShape]

    /// One of the given values.
    package init(term: UInt16, counts: [Double], sums: [TensorShape], gathered: [GatheredShape]) {
        self.term = term
        self.counts = counts
        self.sums = sums
        self.gathered = gathered
    }

    /// Its fields, with empty lists.
    package static var minimumBytes: Int { 14 }

    /// Bytes of each tensor, in the order of the payloads.
    package var payloadSizes: [Int] {
        sums.map(\.byteCount) + gathered.map(\.shape.byteCount)
    }

    /// Reads the fields in order.
    package init(from reader: inout ByteReader) throws(MessageError) {
        term = try reader.read("term")
        counts = try reader.list("counts", limit: Limits.numbers)
        sums = try reader.list("sums", limit: Limits.payloads)
        gathered = try reader.list("gathered tensors", limit: Limits.payloads)
    }

    /// Writes the fields in order.
    package func write(to writer: inout ByteWriter) throws(MessageError) {
        try writer.write(term)
        try writer.list(counts, "counts", limit: Limits.numbers)
        try writer.list(sums, "sums", limit: Limits.payloads)
        try writer.list(gathered, "gathered tensors", limit: Limits.payloads)
    }
}
