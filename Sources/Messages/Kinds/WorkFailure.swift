/// A worker or relay reports work that it cannot do: it cannot read a scan, or numbers are not finite.
package struct WorkFailure: Message {
    package static let kind: MessageKind = 23

    // A constant: only the initialiser makes any text fit for the wire.
    /// One sentence without control characters, cut off at the limit.
    package let reason: String
    /// Whether the training has diverged: losses, contributions or gradients are not finite.
    package let isDivergence: Bool

    package static let layout = Layout(
        WorkFailure.init(reason:isDivergence:),
        .sentence("reason", \.reason),
        .flag("divergence flag", \.isDivergence))

    /// A message with the given fields.
    package init(reason: String, isDivergence: Bool) {
        self.reason = Text.sentence(reason)
        self.isDivergence = isDivergence
    }
}
