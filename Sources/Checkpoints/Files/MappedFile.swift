internal import Glibc
import Tensors

/// A file's bytes where the system keeps them: processes that map the same file have it in memory
/// once, and it is there at once where another has read it before.
///
/// For files that are written once under their name, as ``FileSystem/replace(_:through:durably:writing:)``
/// does: who writes over one, or cuts it short, ends the processes that read it.
@safe package final class MappedFile: LastingBytes, ReadableFile, @unchecked Sendable {
    /// The file's path.
    package let path: String
    /// Its length in bytes.
    package let size: Int
    /// Whether nobody but this process's user may have written it.
    package let isOwn: Bool

    /// Never written to: that is what makes it `Sendable`.
    private let base: UnsafeMutableRawPointer

    /// Maps a file that has bytes.
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

    /// Fills `bytes` with what stands at `offset`; an error if the file ends before.
    package func read(into bytes: inout MutableRawSpan, at offset: Int) throws {
        guard offset >= 0, offset <= size, bytes.byteCount <= size - offset else {
            throw FileError(path, at: size, "ends while it is being read")
        }
        let source = unsafe UnsafeRawBufferPointer(start: base + offset, count: bytes.byteCount)
        unsafe bytes.withUnsafeMutableBytes { unsafe $0.copyMemory(from: source) }
    }

    /// Some of its bytes, which hold the whole.
    package subscript(range: Range<Int>) -> Part {
        precondition(range.lowerBound >= 0 && range.upperBound <= size, "Out of the file.")
        return Part(file: self, range: range)
    }

    /// Some bytes of a mapped file.
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
