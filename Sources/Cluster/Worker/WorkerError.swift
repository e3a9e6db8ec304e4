/// A failure that ends a worker, as one sentence.
package struct WorkerError: Error, CustomStringConvertible, Equatable {
    /// The sentence.
    package let description: String
    /// An error described by the given sentence.
    package init(_ description: String) { self.description = description }
}
