/// Samples for a worker to score with the student.
public struct EvaluationLease: MessageFields {
    /// Its number.
    public static let kind = MessageKind.evaluationLease

    /// The lease's number.
    public var lease: UInt64
    /// The weights to score.
    public var weightsVersion: UInt64
    /// The samples' numbers in the data set.
    public var samples: [UInt64]

    /// A message of the given fields.
    public init(lease: UInt64, weightsVersion: UInt64, samples: [UInt64]) {
        self.lease = lease
        self.weightsVersion = weightsVersion
        self.samples = samples
    }

    /// Reads the fields in order.
    public init(from reader: inout ByteReader) throws(MessageError) {
        lease = try reader.read("lease")
        weightsVersion = try reader.read("weights version")
        samples = try reader.list("samples", limit: Limits.samples)
    }

    /// Writes the fields in order.
    public func write(to writer: inout ByteWriter) throws(MessageError) {
        try writer.write(lease)
        try writer.write(weightsVersion)
        try writer.list(samples, "samples", limit: Limits.samples)
    }
}
