/// A checkpoint that cannot be written or found: what, where, and what to do, in one sentence.
public struct CheckpointError: Error, CustomStringConvertible, Equatable {
    /// The sentence.
    public let description: String

    /// An error with the given sentence.
    public init(_ description: String) { self.description = description }
}
