import Files

/// An error in a user's files: one sentence with the reason and the remedy.
package struct SourceError: Error, CustomStringConvertible, Equatable {
    /// The sentence.
    package let description: String
    /// Whether the files are absent, rather than unusable.
    package let isAbsence: Bool

    /// An error with the given sentence.
    package init(_ description: String, isAbsence: Bool = false) {
        self.description = description.printable
        self.isAbsence = isAbsence
    }
}
