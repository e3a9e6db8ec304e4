/// The run's status.
package struct Status: Message {
    package static let kind: MessageKind = 19

    /// A JSON document.
    package var json: String

    package static let layout = Layout(
        Status.init(json:),
        .text("document", \.json, limit: Limits.statusBytes, multiline: true))

    /// A message with the given fields.
    package init(json: String) {
        self.json = json
    }
}
