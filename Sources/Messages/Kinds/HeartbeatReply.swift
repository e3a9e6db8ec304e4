/// The coordinator received a heartbeat and is alive.
package struct HeartbeatReply: Message {
    package static let kind: MessageKind = 13

    package static let layout = Layout(HeartbeatReply.init)

    /// A message without fields.
    package init() {}
}
