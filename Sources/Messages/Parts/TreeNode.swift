/// A node of the reduction tree over the step's micro-shards.
///
/// Level 0 holds the micro-shards themselves; node `index` of level `l` sums the micro-shards from
/// `index << l` up to, without it, `(index + 1) << l`.
package struct TreeNode: WireValue {
    /// Height above the micro-shards.
    package var level: UInt8
    /// Place among the nodes of its level.
    package var index: UInt32

    /// One of the given values.
    package init(level: UInt8, index: UInt32) {
        self.level = level
        self.index = index
    }

    /// Its fields, with empty lists.
    package static var minimumBytes: Int { 5 }

    /// Reads the fields in order.
    package init(from reader: inout ByteReader) throws(MessageError) {
        level = try reader.read("level")
        index = try reader.read("index")
        try reader.require(level <= Limits.levels, "names tree level \(level)")
    }

    /// Writes the fields in order.
    package func write(to writer: inout ByteWriter) throws(MessageError) {
        try writer.write(level)
        try writer.write(index)
    }
}
