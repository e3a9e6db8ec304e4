/// A cloud of a micro-shard: which sample, where in the mini-batch, seen how.
package struct SampleReference: WireValue {
    /// The sample's number in the data set.
    package var sample: UInt64
    /// Its place in the mini-batch.
    package var place: UInt32
    /// Which view of it to make.
    package var view: UInt32

    /// One of the given values.
    package init(sample: UInt64, place: UInt32, view: UInt32) {
        self.sample = sample
        self.place = place
        self.view = view
    }

    /// Its fields, with empty lists.
    package static var minimumBytes: Int { 16 }

    /// Reads the fields in order.
    package init(from reader: inout ByteReader) throws(MessageError) {
        sample = try reader.read("sample")
        place = try reader.read("place")
        view = try reader.read("view")
    }

    /// Writes the fields in order.
    package func write(to writer: inout ByteWriter) throws(MessageError) {
        try writer.write(sample)
        try writer.write(place)
        try writer.write(view)
    }
}
