/// Data that cannot be used: one sentence that says what, where and what to do.
public struct SourceError: Error, CustomStringConvertible, Equatable {
    /// The sentence.
    public let description: String

    /// An error that reads as the sentence.
    public init(_ sentence: String) { description = sentence }
}
