/// The shape of a Float32 tensor that is sent as a payload.
package struct TensorShape: WireRecord {
    /// Rows.
    package var rows: UInt32
    /// Columns.
    package var columns: UInt32

    package static let layout = Layout(
        TensorShape.init(rows:columns:),
        .value("rows", \.rows),
        .value("columns", \.columns)
    )
    .rejecting {
        $0.values > UInt64(Limits.payloadBytes / 4)
            ? "declares a tensor of \($0.rows) x \($0.columns)" : nil
    }

    /// A record with the given fields.
    package init(rows: UInt32, columns: UInt32) {
        self.rows = rows
        self.columns = columns
    }

    // Clamped: a shape to be sent has not been checked, and its product may exceed an Int.
    /// Bytes of the values (at most what an Int holds).
    package var byteCount: Int { 4 * Int(min(values, UInt64(Int.max / 4))) }

    private var values: UInt64 { UInt64(rows) * UInt64(columns) }
}
