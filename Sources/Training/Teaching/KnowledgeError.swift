/// Knowledge that cannot be had: one sentence with what, where and what to do.
public struct KnowledgeError: Error, CustomStringConvertible, Equatable {
    /// The sentence.
    public let description: String

    /// The sentence as given.
    public init(_ description: String) { self.description = description }
}
