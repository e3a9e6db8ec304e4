/// A training whose numbers are not finite any more: one sentence.
package struct Divergence: Error, CustomStringConvertible, Equatable {
    /// The number that is not finite, and its place.
    package let description: String

    /// The given sentence.
    package init(_ description: String) { self.description = description }
}
