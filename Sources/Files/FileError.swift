/// An unusable file, with the reason and the byte, in one sentence.
package struct FileError: Error, CustomStringConvertible, Equatable {
    /// The file or folder.
    package var path: String
    /// The tensor that the error concerns, if any.
    package var tensor: String?
    /// The byte of the file that the error concerns, if any.
    package var byteOffset: Int?
    /// The reason: the sentence after the file's name.
    package var reason: String
    /// Whether the file is not there, or another machine has replaced it while it was open here
    /// (`ENOENT`, and `ESTALE` of network file systems).
    package var isGone = false

    /// An error of a file; `reason` continues a sentence after the file's name.
    package init(_ path: String, tensor: String? = nil, at byteOffset: Int? = nil, _ reason: String)
    {
        self.path = path
        self.tensor = tensor
        self.byteOffset = byteOffset
        self.reason = reason
    }

    /// The error as a sentence.
    package var description: String { clause + "." }

    /// The error as a clause, for a sentence that continues.
    package var clause: String {
        let subject = tensor.map { "\(path): tensor “\($0)” " } ?? "\(path) "
        return (subject + reason + (byteOffset.map { " (byte \($0))" } ?? "")).printable
    }
}
