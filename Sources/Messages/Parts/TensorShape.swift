/// The shape of a Float32 tensor that travels as a payload.
package struct TensorShape: WireValue {
    /// Rows.
    package var rows: UInt32
    /// Columns.
    package var columns: UInt32

    /// One of the given values.
    package init(rows: UInt32, columns: UInt32) {
        self.rows = rows
        self.columns = columns
    }

    /// Its fields, with empty lists.
    package static var minimumBytes: Int { 8 }

    /// Bytes of the values (at most what an Int holds).
    package var byteCount: Int { 4 * Int(min(values, UInt64(Int.max / 4))) }

    private var values: UInt64 { UInt64(rows) * UInt64(columns) }

    /// Reads the fields in order.
    package init(from reader: inout ByteReader) throws(MessageError) {
        rows = try reader.read("rows")
        columns = try reader.read("columns")
        try reader.require(
            values <= UInt64(Limits.payloadBytes / 4), "declares a tensor of \(rows) x \(columns)")
    }

    /// Writes the fields in order.
    package func write(to writer: inout ByteWriter) throws(MessageError) {
        try writer.write(rows)
        try writer.write(columns)
    }
}
