/// A recipe that cannot be used: one sentence with the file, the line and the reason.
package struct RecipeError: Error, CustomStringConvertible, Equatable {
    /// The sentence.
    package let description: String

    /// The sentence as given.
    package init(_ description: String) { self.description = description }

    init(file: String, line: Int?, _ reason: String) {
        description = line.map { "\(file), line \($0): \(reason)" } ?? "\(file): \(reason)"
    }
}
