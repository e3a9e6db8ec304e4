/// A bucket of the student's parameters; the payload is its Float32 values.
package struct WeightsBucket: MessageFields {
    /// Its number.
    package static let kind = MessageKind.weightsBucket

    /// The version of the weights: how many steps made them.
    package var version: UInt64
    /// The bucket's number.
    package var bucket: UInt32
    /// How many make up the parameters.
    package var bucketCount: UInt32

    /// A message of the given fields.
    package init(version: UInt64, bucket: UInt32, bucketCount: UInt32) {
        self.version = version
        self.bucket = bucket
        self.bucketCount = bucketCount
    }

    /// The values.
    package var payloads: PayloadRule { .floats }

    /// Reads the fields in order.
    package init(from reader: inout ByteReader) throws(MessageError) {
        version = try reader.read("version")
        bucket = try reader.read("bucket")
        bucketCount = try reader.read("bucket count")
        try reader.require(
            bucketCount <= Limits.buckets && bucket < bucketCount,
            "names bucket \(bucket) of \(bucketCount)")
    }

    /// Writes the fields in order.
    package func write(to writer: inout ByteWriter) throws(MessageError) {
        try writer.write(version)
        try writer.write(bucket)
        try writer.write(bucketCount)
    }
}
