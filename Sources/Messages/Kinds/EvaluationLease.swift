/// Samples for a worker to score with the student.
package struct EvaluationLease: MessageFields {
    /// Its number.
    package static let kind = MessageKind.evaluationLease

    /// The lease's number.
    package var lease: UInt64
    /// The weights to score.
    package var weightsVersion: UInt64
    /// The samples' numbers in the data set.
    package var samples: [UInt64]

    /// A message of the given fields.
    package init(lease: UInt64, weightsVersion: UInt64, samples: [UInt64]) {
        self.lease = lease
        self.weightsVersion = weightsVersion
        self.samples = samples
    }

    /// Reads the fields in order.
    package init(from reader: inout ByteReader) throws(MessageError) {
        lease = try reader.read("lease")
        weightsVersion = try reader.read("weights version")
        samples = try reader.list("samples", limit: Limits.samples)
    }

    /// Writes the fields in order.
    package func write(to writer: inout ByteWriter) throws(MessageError) {
        try writer.write(lease)
        try writer.write(weightsVersion)
        try writer.list(samples, "samples", limit: Limits.samples)
    }
}
