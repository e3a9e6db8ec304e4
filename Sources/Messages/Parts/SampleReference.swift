/// A cloud of a micro-shard: which sample, where in the mini-batch, seen how.
public struct SampleReference: WireValue {
    /// The sample's number in the data set.
    public var sample: UInt64
    /// Its place in the mini-batch.
    public var place: UInt32
    /// Which view of it to make.
    public var view: UInt32

    /// One of the given values.
    public init(sample: UInt64, place: UInt32, view: UInt32) {
        self.sample = sample
        self.place = place
        self.view = view
    }

    /// Its fields, with empty lists.
    public static var minimumBytes: Int { 16 }

    /// Reads the fields in order.
    public init(from reader: inout ByteReader) throws(MessageError) {
        sample = try reader.read("sample")
        place = try reader.read("place")
        view = try reader.read("view")
    }

    /// Writes the fields in order.
    public func write(to writer: inout ByteWriter) throws(MessageError) {
        try writer.write(sample)
        try writer.write(place)
        try writer.write(view)
    }
}
