/// A node of the reduction tree over the step's micro-shards.
///
/// Level 0 holds the micro-shards themselves; node `index` of level `l` sums the micro-shards from
/// `index << l` up to, without it, `(index + 1) << l`.
package struct TreeNode: WireRecord {
    /// The node's height above the micro-shards.
    package var level: UInt8
    /// The node's place among the nodes of its level.
    package var index: UInt32

    package static let layout = Layout(
        TreeNode.init(level:index:),
        .value("level", \.level),
        .value("index", \.index)
    )
    .rejecting { $0.level > Limits.levels ? "names tree level \($0.level)" : nil }

    /// A record with the given fields.
    package init(level: UInt8, index: UInt32) {
        self.level = level
        self.index = index
    }
}
