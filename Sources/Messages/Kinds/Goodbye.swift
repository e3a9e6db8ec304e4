/// A worker leaves voluntarily, or a coordinator leaves an unfinished run.
package struct Goodbye: Message {
    package static let kind: MessageKind = 15

    // A constant: only the initialiser makes any text fit for the wire.
    /// One sentence without control characters, cut off at the limit.
    package let reason: String

    package static let layout = Layout(Goodbye.init(reason:), .sentence("reason", \.reason))

    /// A message with the given reason.
    package init(reason: String) { self.reason = Text.sentence(reason) }
}
