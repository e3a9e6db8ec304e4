/// Data that cannot be used: one sentence that says what, where and what to do.
package struct SourceError: Error, CustomStringConvertible, Equatable {
    /// The sentence.
    package let description: String

    /// An error that reads as the sentence.
    package init(_ sentence: String) { description = sentence }
}
