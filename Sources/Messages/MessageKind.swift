/// The number of a message on the wire.
///
/// The number of a removed message is not used again: 20 was `CancelLease`.
package struct MessageKind: Hashable, Sendable, ExpressibleByIntegerLiteral {
    /// The number.
    package let number: UInt16

    /// A message's number; ``MessageCatalogue`` says whether there is such a message.
    package init(_ number: UInt16) { self.number = number }

    /// A message's number.
    package init(integerLiteral number: UInt16) { self.init(number) }
}
