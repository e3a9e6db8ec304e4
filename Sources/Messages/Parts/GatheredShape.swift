/// The shape of a tensor that a cloud gives to the whole mini-batch, and whose it is.
public struct GatheredShape: WireValue {
    /// The cloud's place in the mini-batch.
    public var place: UInt32
    /// Rows and columns.
    public var shape: TensorShape

    /// One of the given values.
    public init(place: UInt32, shape: TensorShape) {
        self.place = place
        self.shape = shape
    }

    /// Its fields, with empty lists.
    public static var minimumBytes: Int { 12 }

    /// Reads the fields in order.
    public init(from reader: inout ByteReader) throws(MessageError) {
        place = try reader.read("place")
        shape = try reader.read("shape")
    }

    /// Writes the fields in order.
    public func write(to writer: inout ByteWriter) throws(MessageError) {
        try writer.write(place)
        try writer.write(shape)
    }
}
