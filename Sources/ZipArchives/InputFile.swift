import Files

/// An untrusted file, read by byte ranges.
///
/// Readers compare every length that the file declares with its size before they allocate memory.
/// An error is one sentence that names the file, the byte and the remedy.
package struct InputFile: Sendable {
    package let path: String
    private let file: any ReadableFile

    /// Opens the file; a folder, a pipe or a missing file is refused.
    package init(_ path: String) throws {
        self.path = path
        do {
            file = try LocalFileSystem().open(path)
        } catch {
            // The reason decides the remedy: a pipe exists and may have all permissions.
            throw SourceError(
                (error as? FileError).map { "The file \($0.path) \($0.reason): give another." }
                    ?? "The file \(path) cannot be opened: \(error)")
        }
    }

    /// Presents bytes in memory as a file; messages call the file `name`.
    package init(_ bytes: [UInt8], name: String) {
        path = name
        file = MemoryFile(path: name, contents: bytes)
    }

    /// Length of the file in bytes.
    package var size: Int { file.size }

    /// Copies a range of bytes; throws if the file does not have all of them.
    package func bytes(_ range: Range<Int>) throws -> [UInt8] {
        guard range.lowerBound >= 0, range.upperBound <= size else {
            throw damaged(
                at: min(max(range.lowerBound, 0), size),
                "ends early: \(range.count) bytes are needed and \(max(0, size - range.lowerBound)) "
                    + "are left")
        }
        do {
            return try file.bytes(range)
        } catch {
            throw damaged(at: range.lowerBound, "cannot be read to its end")
        }
    }

    /// Copies the whole file.
    package func all() throws -> [UInt8] { try bytes(0..<size) }

    /// Makes the error for damage at a byte; `reason` continues the sentence after the file's name.
    package func damaged(
        at offset: Int, _ reason: String, advice: String = "copy or export it again"
    ) -> SourceError {
        SourceError("The file \(path) \(reason), at byte \(offset): \(advice).")
    }
}
