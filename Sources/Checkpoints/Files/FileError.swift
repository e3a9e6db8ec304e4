/// A file that cannot be used: which, where in it, and why, in one sentence.
package struct FileError: Error, CustomStringConvertible, Equatable {
    /// The file or folder.
    package var path: String
    /// The tensor in it that is concerned, if one is.
    package var tensor: String?
    /// The byte of the file that is concerned, if one is.
    package var byteOffset: Int?
    /// What is wrong, as the rest of a sentence that begins with the file.
    package var reason: String

    /// An error about a file; `reason` goes on from the file's name.
    package init(_ path: String, tensor: String? = nil, at byteOffset: Int? = nil, _ reason: String)
    {
        self.path = path
        self.tensor = tensor
        self.byteOffset = byteOffset
        self.reason = reason
    }

    /// The sentence.
    package var description: String {
        let subject = tensor.map { "\(path): tensor “\($0)” " } ?? "\(path) "
        return subject + reason + (byteOffset.map { " (byte \($0))" } ?? "") + "."
    }
}
