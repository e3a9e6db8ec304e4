/// A request for the run's status.
package struct StatusRequest: Message {
    package static let kind: MessageKind = 18

    /// Whether the answer includes the recent steps' spans of every worker.
    package var traced: Bool

    package static let layout = Layout(
        StatusRequest.init(traced:),
        .flag("traced", \.traced))

    /// A message with the given fields.
    package init(traced: Bool = false) {
        self.traced = traced
    }
}
