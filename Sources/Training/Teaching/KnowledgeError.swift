/// Knowledge that cannot be had: one sentence with what, where and what to do.
package struct KnowledgeError: Error, CustomStringConvertible, Equatable {
    /// The sentence.
    package let description: String

    /// The sentence as given.
    package init(_ description: String) { self.description = description }
}
