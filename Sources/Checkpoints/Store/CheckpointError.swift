/// A checkpoint that cannot be written or found, with the reason and a remedy in one sentence.
package struct CheckpointError: Error, CustomStringConvertible, Equatable {
    /// The sentence.
    package let description: String

    /// An error with the given sentence.
    package init(_ description: String) { self.description = description }
}
