import Checkpoints

/// A file of points, read a piece at a time; what is wrong with it is said in one sentence.
///
/// Nothing in the file is trusted: a length that it declares is compared with the bytes it has
/// before anything is allocated.
package struct InputFile: Sendable {
    package let path: String
    private let file: any ReadableFile

    /// Opens the file; a folder, a pipe or a missing file is refused.
    package init(_ path: String) throws {
        self.path = path
        do {
            file = try LocalFileSystem().open(path)
        } catch {
            throw SourceError(
                "The file \(path) cannot be read: check that it exists and its permissions.")
        }
    }

    /// Bytes in memory, read as a file of that name.
    package init(_ bytes: [UInt8], name: String) {
        path = name
        file = MemoryFile(path: name, contents: bytes)
    }

    /// Its length in bytes.
    package var size: Int { file.size }

    /// A copy of some of its bytes, which must be there.
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

    /// All its bytes.
    package func all() throws -> [UInt8] { try bytes(0..<size) }

    /// What is wrong at a byte; `reason` goes on from the file's name.
    package func damaged(
        at offset: Int, _ reason: String, advice: String = "copy or export it again"
    ) -> SourceError {
        SourceError("The file \(path) \(reason), at byte \(offset): \(advice).")
    }
}
