/// An error about unusable data: one sentence that says what is wrong, where, and what to do.
package struct SourceError: Error, CustomStringConvertible, Equatable {
    /// The sentence.
    package let description: String

    /// Creates an error with the given sentence.
    package init(_ sentence: String) { description = sentence }
}
