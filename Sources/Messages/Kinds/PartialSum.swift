/// A bucket of the gradient, summed over the micro-shards of a tree node.
///
/// The payload is its Float32 values.
package struct PartialSum: Message {
    package static let kind: MessageKind = 10

    /// The training step, from 0.
    package var step: UInt64
    /// The tree node whose micro-shards it covers.
    package var node: TreeNode
    /// The bucket's number.
    package var bucket: UInt32

    /// The values.
    package var payloads: PayloadRule { .floats }

    package static let layout = Layout(
        PartialSum.init(step:node:bucket:),
        .value("step", \.step),
        .value("node", \.node),
        .value("bucket", \.bucket)
    )
    .rejecting { $0.bucket >= Limits.buckets ? "names bucket \($0.bucket)" : nil }

    /// A message with the given fields.
    package init(step: UInt64, node: TreeNode, bucket: UInt32) {
        self.step = step
        self.node = node
        self.bucket = bucket
    }
}
