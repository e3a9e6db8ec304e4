/// The coordinator ends the run.
package struct Stop: Message {
    package static let kind: MessageKind = 14

    // A constant: only the initialiser makes any text fit for the wire.
    /// One sentence without control characters, cut off at the limit.
    package let reason: String

    package static let layout = Layout(
        Stop.init(reason:), .sentence("reason", \.reason))

    /// A message with the given reason.
    package init(reason: String) { self.reason = Text.sentence(reason) }
}
