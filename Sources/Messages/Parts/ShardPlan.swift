/// The clouds of one micro-shard, in their fixed order.
package struct ShardPlan: WireValue {
    /// The micro-shard's number within the step.
    package var shard: UInt32
    /// Its clouds.
    package var samples: [SampleReference]

    /// One of the given values.
    package init(shard: UInt32, samples: [SampleReference]) {
        self.shard = shard
        self.samples = samples
    }

    /// Its fields, with empty lists.
    package static var minimumBytes: Int { 8 }

    /// Reads the fields in order.
    package init(from reader: inout ByteReader) throws(MessageError) {
        shard = try reader.read("shard")
        samples = try reader.list("samples", limit: Limits.samples)
    }

    /// Writes the fields in order.
    package func write(to writer: inout ByteWriter) throws(MessageError) {
        try writer.write(shard)
        try writer.list(samples, "samples", limit: Limits.samples)
    }
}
