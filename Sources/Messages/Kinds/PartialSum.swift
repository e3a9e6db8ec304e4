/// A bucket of the gradient summed over the micro-shards of a tree node; the payload is its Float32
/// values.
package struct PartialSum: MessageFields {
    /// Its number.
    package static let kind = MessageKind.partialSum

    /// The training step.
    package var step: UInt64
    /// The weights it was computed with.
    package var weightsVersion: UInt64
    /// Which micro-shards it sums.
    package var node: TreeNode
    /// The bucket of the parameters.
    package var bucket: UInt32

    /// A message of the given fields.
    package init(step: UInt64, weightsVersion: UInt64, node: TreeNode, bucket: UInt32) {
        self.step = step
        self.weightsVersion = weightsVersion
        self.node = node
        self.bucket = bucket
    }

    /// The values.
    package var payloads: PayloadRule { .floats }

    /// Reads the fields in order.
    package init(from reader: inout ByteReader) throws(MessageError) {
        step = try reader.read("step")
        weightsVersion = try reader.read("weights version")
        node = try reader.read("node")
        bucket = try reader.read("bucket")
        try reader.require(bucket < Limits.buckets, "names bucket \(bucket)")
    }

    /// Writes the fields in order.
    package func write(to writer: inout ByteWriter) throws(MessageError) {
        try writer.write(step)
        try writer.write(weightsVersion)
        try writer.write(node)
        try writer.write(bucket)
    }
}
