/// Knowledge pack that cannot be used: one sentence with the reason and the remedy.
package struct KnowledgeError: Error, CustomStringConvertible, Equatable {
    /// The sentence.
    package let description: String

    /// The sentence as given.
    package init(_ description: String) { self.description = description }
}
