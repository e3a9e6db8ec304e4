/// Why a network cannot be made, or cannot take the weights it was given, in one sentence.
public struct NetworkError: Error, CustomStringConvertible, Hashable {
    /// The sentence: what, where, what to do.
    public let description: String

    /// An error of the given sentence.
    public init(_ description: String) { self.description = description }
}
