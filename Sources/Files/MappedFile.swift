internal import Glibc
import Tensors

/// A memory-mapped file.
///
/// Processes that map the same file share its memory, and a file that has been read before is
/// available at once. Mapped files must be replaced as
/// ``FileSystem/replace(_:through:durably:writing:)`` does, never modified: reading beyond the end
/// of a shortened file ends the process.
@safe package final class MappedFile: LastingBytes, ReadableFile, @unchecked Sendable {
    /// The file's path.
    package let path: String
    /// The size in bytes.
    package let size: Int
    /// Whether only this process's user can have written the file.
    package let isOwn: Bool

    // The class is `Sendable` because these bytes are never written.
    private let base: UnsafeMutableRawPointer

    /// Maps a file of at least one byte.
    package init(_ path: String) throws(FileError) {
        let (descriptor, status) = try LocalFileSystem.opened(path)
        defer { _ = Glibc.close(descriptor) }
        guard status.st_size > 0 else { throw FileError(path, "is not a file with bytes") }
        size = Int(status.st_size)
        isOwn = status.st_uid == geteuid() && status.st_mode & (S_IWGRP | S_IWOTH) == 0
        self.path = path
        let flags = MAP_SHARED | Int32(MAP_POPULATE)
        guard let base = unsafe mmap(nil, size, PROT_READ, flags, descriptor, 0),
            unsafe base != MAP_FAILED
        else { throw .system(path, "cannot be mapped", errno) }
        unsafe self.base = base
    }

    deinit { unsafe munmap(base, size) }

    /// Calls `body` with the bytes.
    package func withBytes<Result, Failure: Error>(
        _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(unsafe RawSpan(_unsafeStart: base, byteCount: size))
    }

    /// Reads `bytes` from `offset`; throws if the file ends before.
    package func read(into bytes: inout MutableRawSpan, at offset: Int) throws {
        try checkRange(of: bytes.byteCount, at: offset, path: path)
        let source = unsafe UnsafeRawBufferPointer(start: base + offset, count: bytes.byteCount)
        unsafe bytes.withUnsafeMutableBytes { unsafe $0.copyMemory(from: source) }
    }

    /// A range of the bytes, which keeps the whole file mapped.
    package subscript(range: Range<Int>) -> Part {
        precondition(range.lowerBound >= 0 && range.upperBound <= size, "Out of the file.")
        return Part(file: self, range: range)
    }

    /// A range of a mapped file's bytes.
    package struct Part: LastingBytes {
        fileprivate let file: MappedFile
        fileprivate let range: Range<Int>

        /// Calls `body` with the bytes.
        package func withBytes<Result, Failure: Error>(
            _ body: (RawSpan) throws(Failure) -> Result
        ) throws(Failure) -> Result {
            try file.withBytes { all throws(Failure) in try body(all.extracting(range)) }
        }
    }
}
