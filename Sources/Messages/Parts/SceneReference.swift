/// A scan of the run's data: its split and its place there.
package struct SceneReference: WireValue, Hashable {
    /// Whether it is validated on; else it is trained on.
    package var isForValidation: Bool
    /// Its number in the split, before any is left out for want of labels.
    package var sample: UInt64

    /// A scan of a split.
    package init(isForValidation: Bool, sample: UInt64) {
        self.isForValidation = isForValidation
        self.sample = sample
    }

    /// Its fields.
    package static var minimumBytes: Int { 9 }

    /// Reads the fields in order.
    package init(from reader: inout ByteReader) throws(MessageError) {
        isForValidation = try reader.flag("validation flag")
        sample = try reader.read("sample")
    }

    /// Writes the fields in order.
    package func write(to writer: inout ByteWriter) throws(MessageError) {
        writer.flag(isForValidation)
        try writer.write(sample)
    }
}
