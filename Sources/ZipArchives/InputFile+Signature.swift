package import Files

extension InputFile {
    /// Recognises the kind of the contents.
    package func signature() throws -> FileSignature {
        FileSignature(try bytes(0..<min(size, FileSignature.length)))
    }

    /// Makes the error for contents of another kind than expected.
    ///
    /// - Parameters:
    ///   - expected: the expected kind with its article: "a PLY file".
    ///   - offset: the byte that shows it, if the contents are of no known kind.
    ///   - advice: the remedy if the contents are of no known kind.
    package func isNot(
        _ expected: String, at offset: Int = 0, advice: String = "copy or export it again"
    ) -> SourceError {
        let found = (try? signature()) ?? .other
        guard found != .other, found.name != expected else {
            return damaged(at: offset, "is not \(expected)", advice: advice)
        }
        return SourceError(
            "The file \(path) is \(found.name), not \(expected): "
                + "\(found.advice ?? "give it the suffix of its format").")
    }

    /// Throws if the contents are of a kind that no reader accepts, such as a Git LFS pointer.
    ///
    /// For formats without a signature of their own, whose readers would take any bytes for numbers.
    package func refuseForeign(as expected: String) throws {
        if try signature().isForeign { throw isNot(expected) }
    }
}
