/// An impossible network configuration, or weights that do not fit a network, in one sentence.
public struct NetworkError: Error, CustomStringConvertible, Hashable {
    /// The sentence: what, where, what to do.
    public let description: String

    /// An error of the given sentence.
    public init(_ description: String) { self.description = description }
}
