/// A scan of the run's data: its split and its place there.
public struct SceneReference: WireValue, Hashable {
    /// Whether it is validated on; else it is trained on.
    public var isForValidation: Bool
    /// Its number in the split, before any is left out for want of labels.
    public var sample: UInt64

    /// A scan of a split.
    public init(isForValidation: Bool, sample: UInt64) {
        self.isForValidation = isForValidation
        self.sample = sample
    }

    /// Its fields.
    public static var minimumBytes: Int { 9 }

    /// Reads the fields in order.
    public init(from reader: inout ByteReader) throws(MessageError) {
        isForValidation = try reader.flag("validation flag")
        sample = try reader.read("sample")
    }

    /// Writes the fields in order.
    public func write(to writer: inout ByteWriter) throws(MessageError) {
        writer.flag(isForValidation)
        try writer.write(sample)
    }
}
