/// The shape of a tensor that a cloud gives to the whole mini-batch, and whose it is.
package struct GatheredShape: WireValue {
    /// The cloud's place in the mini-batch.
    package var place: UInt32
    /// Rows and columns.
    package var shape: TensorShape

    /// One of the given values.
    package init(place: UInt32, shape: TensorShape) {
        self.place = place
        self.shape = shape
    }

    /// Its fields, with empty lists.
    package static var minimumBytes: Int { 12 }

    /// Reads the fields in order.
    package init(from reader: inout ByteReader) throws(MessageError) {
        place = try reader.read("place")
        shape = try reader.read("shape")
    }

    /// Writes the fields in order.
    package func write(to writer: inout ByteWriter) throws(MessageError) {
        try writer.write(place)
        try writer.write(shape)
    }
}
