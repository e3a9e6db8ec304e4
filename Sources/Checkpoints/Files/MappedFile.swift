internal import Glibc
public import Tensors

/// A file's bytes where the system keeps them: processes that map the same file have it in memory
/// once, and it is there at once where another has read it before.
///
/// For files that are written once under their name, as ``FileSystem/replace(_:through:durably:writing:)``
/// does: who writes over one, or cuts it short, ends the processes that read it.
@safe public final class MappedFile: LastingBytes, ReadableFile, @unchecked Sendable {
    /// The file's path.
    public let path: String
    /// Its length in bytes.
    public let size: Int
    /// Whether nobody but this process's user may have written it.
    public let isOwn: Bool

    /// Never written to: that is what makes it `Sendable`.
    private let base: UnsafeMutableRawPointer

    /// Maps a file that has bytes.
    public init(_ path: String) throws(FileError) {
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
    public func withBytes<Result, Failure: Error>(
        _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(unsafe RawSpan(_unsafeStart: base, byteCount: size))
    }

    /// Fills `bytes` with what stands at `offset`; an error if the file ends before.
    public func read(into bytes: inout MutableRawSpan, at offset: Int) throws {
        guard offset >= 0, offset <= size, bytes.byteCount <= size - offset else {
            throw FileError(path, at: size, "ends while it is being read")
        }
        let source = unsafe UnsafeRawBufferPointer(start: base + offset, count: bytes.byteCount)
        unsafe bytes.withUnsafeMutableBytes { unsafe $0.copyMemory(from: source) }
    }

    /// Some of its bytes, which hold the whole.
    public subscript(range: Range<Int>) -> Part {
        precondition(range.lowerBound >= 0 && range.upperBound <= size, "Out of the file.")
        return Part(file: self, range: range)
    }

    /// Some bytes of a mapped file.
    public struct Part: LastingBytes {
        fileprivate let file: MappedFile
        fileprivate let range: Range<Int>

        /// Calls `body` with the bytes.
        public func withBytes<Result, Failure: Error>(
            _ body: (RawSpan) throws(Failure) -> Result
        ) throws(Failure) -> Result {
            try file.withBytes { all throws(Failure) in try body(all.extracting(range)) }
        }
    }
}
