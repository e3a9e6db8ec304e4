/// The operations of a disk that checkpoints use, so that tests can simulate a failing disk.
///
/// Paths are absolute or relative to the working directory, with `/` between folders. Errors are
/// ``FileError``s. Writes are durable only once they are synchronised: bytes by
/// ``WritableFile/synchronize()``, names by ``synchronizeDirectory(_:)``.
package protocol FileSystem: Sendable {
    /// Creates a folder unless it exists; its parent must exist.
    func createDirectory(_ path: String) throws
    /// Creates an empty file for writing; throws if the name exists.
    func create(_ path: String) throws -> any WritableFile
    /// Renames a file or folder; a file of the new name is replaced in one step.
    func rename(_ path: String, to newPath: String) throws
    /// Removes a file.
    func removeFile(_ path: String) throws
    /// Removes an empty folder.
    func removeDirectory(_ path: String) throws
    /// Makes the names in a folder durable.
    func synchronizeDirectory(_ path: String) throws

    /// Opens a file for reading.
    func open(_ path: String) throws -> any ReadableFile
    /// The names in a folder, sorted by their bytes.
    func names(in directory: String) throws -> [String]
    /// The kind, size and time of use of a path; nil if it does not exist.
    func status(of path: String) throws -> FileStatus?
    /// Sets a file's time of use to the present.
    func touch(_ path: String) throws
    /// The bytes available below a folder; nil if the system does not report them.
    func availableBytes(in directory: String) throws -> Int?
}

/// The kind of a file system entry.
package enum FileKind: Sendable, Equatable {
    /// A file with bytes.
    case file
    /// A folder.
    case directory
    /// Anything else: a device, a socket, …
    case other
}

/// The properties of a file system entry.
package struct FileStatus: Sendable, Equatable {
    /// The kind of entry.
    package var kind: FileKind
    /// The size of a file in bytes.
    package var size: Int
    /// The time of the last write or ``FileSystem/touch(_:)``, in nanoseconds of the disk's clock.
    package var used: Int

    /// The properties of an entry.
    package init(kind: FileKind, size: Int, used: Int) {
        self.kind = kind
        self.size = size
        self.used = used
    }
}

/// A file that is written from beginning to end, by one thread.
package protocol WritableFile: AnyObject {
    /// Adds bytes at the end.
    func write(_ bytes: RawSpan) throws
    /// Makes the bytes durable.
    func synchronize() throws
    /// Closes the file; reports write errors that the system deferred.
    func close() throws
}

/// An open file that several threads may read at once.
package protocol ReadableFile: AnyObject, Sendable {
    /// The size in bytes at opening.
    var size: Int { get }
    /// Reads `bytes` from `offset`; throws if the file ends before.
    func read(into bytes: inout MutableRawSpan, at offset: Int) throws
}

extension FileSystem {
    /// The contents of all files below a folder, by their paths.
    package func files(below folder: String) throws -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        for name in try names(in: folder) {
            let path = folder + "/" + name
            if try kind(of: path) == .directory {
                files.merge(try self.files(below: path)) { $1 }
            } else {
                files[path] = try contents(of: path, limit: 1 << 30)
            }
        }
        return files
    }

    /// The kind of a path; nil if it does not exist.
    package func kind(of path: String) throws -> FileKind? { try status(of: path)?.kind }

    /// Creates a folder and missing folders above it, durably.
    package func createDirectories(_ path: String) throws {
        guard try kind(of: path) == nil else { return try createDirectory(path) }
        let parent = FilePaths.parent(of: path)
        if parent != "." && parent != "/" { try createDirectories(parent) }
        try createDirectory(path)
        try synchronizeDirectory(parent)
    }

    /// The bytes of a small file.
    ///
    /// Throws ``FileError``, before memory is allocated, if the file is longer than `limit`.
    package func contents(of path: String, limit: Int) throws -> [UInt8] {
        let file = try open(path)
        guard file.size <= limit else {
            throw FileError(path, "has \(file.size) bytes where at most \(limit) are expected")
        }
        return try file.bytes(0..<file.size)
    }

    /// Removes a folder and the files and folders in it.
    package func removeTree(_ path: String) throws {
        for name in try names(in: path) {
            let inner = path + "/" + name
            if try kind(of: inner) == .directory {
                try removeTree(inner)
            } else {
                try removeFile(inner)
            }
        }
        try removeDirectory(path)
    }

    /// Replaces or creates a file in one step: readers see the old bytes or the new ones.
    ///
    /// - Parameters:
    ///   - temporary: an unused name in the same folder.
    ///   - durably: whether the new name is durable when the call returns.
    ///   - body: writes, synchronises and closes the file.
    package func replace(
        _ path: String, through temporary: String, durably: Bool = true,
        writing body: (any WritableFile) throws -> Void
    ) throws {
        do {
            let file = try create(temporary)
            try body(file)
            try rename(temporary, to: path)
        } catch {
            try? removeFile(temporary)
            throw error
        }
        if durably { try synchronizeDirectory(FilePaths.parent(of: path)) }
    }
}

extension WritableFile {
    /// Adds bytes at the end.
    package func write(_ bytes: [UInt8]) throws { try write(unsafe bytes.span.bytes) }
}

extension ReadableFile {
    /// Throws ``FileError`` unless the file has `count` bytes at `offset`.
    func checkRange(of count: Int, at offset: Int, path: String) throws(FileError) {
        guard offset >= 0, offset <= size, count <= size - offset else {
            throw FileError(path, at: size, "ends while it is being read")
        }
    }

    /// A copy of some of the file's bytes.
    package func bytes(_ range: Range<Int>) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: range.count)
        var span = bytes.mutableSpan
        var raw = unsafe span.mutableBytes
        try read(into: &raw, at: range.lowerBound)
        return bytes
    }

    /// The digest of the file, which is read in pieces of 1 MiB.
    package func digest() throws -> SHA256 {
        var hasher = SHA256.Hasher()
        var offset = 0
        while offset < size {
            let end = min(offset + 1 << 20, size)
            hasher.update(try bytes(offset..<end))
            offset = end
        }
        return hasher.finalize()
    }
}

/// The parts of a path.
package enum FilePaths {
    /// The folder that contains a path.
    package static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The last part of a path.
    package static func lastName(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return path }
        return String(path[path.index(after: slash)...])
    }
}
