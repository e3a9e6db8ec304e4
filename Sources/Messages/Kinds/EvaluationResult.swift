/// How the student did on one sample; the payload is its confusion matrix, UInt64, true class by
/// predicted class, row by row.
package struct EvaluationResult: MessageFields {
    /// Its number.
    package static let kind = MessageKind.evaluationResult

    /// The lease it belongs to.
    package var lease: UInt64
    /// The sample's number.
    package var sample: UInt64
    /// Rows, and columns, of the matrix.
    package var classes: UInt32
    /// How long it took.
    package var nanoseconds: UInt64

    /// A message of the given fields.
    package init(lease: UInt64, sample: UInt64, classes: UInt32, nanoseconds: UInt64) {
        self.lease = lease
        self.sample = sample
        self.classes = classes
        self.nanoseconds = nanoseconds
    }

    /// The matrix.
    package var payloads: PayloadRule { .exact([8 * Int(classes) * Int(classes)]) }

    /// Reads the fields in order.
    package init(from reader: inout ByteReader) throws(MessageError) {
        lease = try reader.read("lease")
        sample = try reader.read("sample")
        classes = try reader.read("classes")
        nanoseconds = try reader.read("nanoseconds")
        try reader.require((1...Limits.classes).contains(classes), "declares \(classes) classes")
    }

    /// Writes the fields in order.
    package func write(to writer: inout ByteWriter) throws(MessageError) {
        try writer.write(lease)
        try writer.write(sample)
        try writer.write(classes)
        try writer.write(nanoseconds)
    }
}
