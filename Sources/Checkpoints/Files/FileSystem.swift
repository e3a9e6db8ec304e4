/// What checkpoints ask of a disk, so that a test can put a disk beneath them that fails.
///
/// Paths are absolute or relative to the working directory, with `/` between folders. Errors are
/// ``FileError``s. Nothing written is durable before it is synchronised: bytes by
/// ``WritableFile/synchronize()``, names by ``synchronizeDirectory(_:)``.
package protocol FileSystem: Sendable {
    /// Makes a folder; its parent must exist. It is no error if the folder is there already.
    func createDirectory(_ path: String) throws
    /// Makes a new, empty file to be written from its beginning; an error if the name is taken.
    func create(_ path: String) throws -> any WritableFile
    /// Gives a file or folder another name; a file of that name is replaced in one step.
    func rename(_ path: String, to newPath: String) throws
    /// Removes a file.
    func removeFile(_ path: String) throws
    /// Removes an empty folder.
    func removeDirectory(_ path: String) throws
    /// Waits until the names in a folder are on the disk.
    func synchronizeDirectory(_ path: String) throws

    /// Opens a file for reading.
    func open(_ path: String) throws -> any ReadableFile
    /// The names in a folder, sorted by their bytes.
    func names(in directory: String) throws -> [String]
    /// What has this name, how long it is and when it was last used; nil if nothing has the name.
    func status(of path: String) throws -> FileStatus?
    /// Says that a file is used at this moment.
    func touch(_ path: String) throws
    /// How many bytes may still be written below this folder; nil if the system does not say.
    func availableBytes(in directory: String) throws -> Int?
}

/// What a name may stand for.
package enum FileKind: Sendable, Equatable {
    /// A file with bytes.
    case file
    /// A folder.
    case directory
    /// Anything else: a device, a socket, …
    case other
}

/// What a folder knows of a name in it.
package struct FileStatus: Sendable, Equatable {
    /// What the name stands for.
    package var kind: FileKind
    /// Bytes, of a file.
    package var size: Int
    /// When it was last written or touched, nanoseconds on the disk's clock.
    package var used: Int

    /// The status of something.
    package init(kind: FileKind, size: Int, used: Int) {
        self.kind = kind
        self.size = size
        self.used = used
    }
}

/// A file being written, from its beginning to its end.
///
/// Not shared between threads.
package protocol WritableFile: AnyObject {
    /// Adds bytes at the end.
    func write(_ bytes: RawSpan) throws
    /// Waits until the bytes are on the disk.
    func synchronize() throws
    /// Ends the writing; errors the system kept back appear here.
    func close() throws
}

/// An open file; may be read by several threads at once.
package protocol ReadableFile: AnyObject, Sendable {
    /// Its length in bytes when it was opened.
    var size: Int { get }
    /// Fills `bytes` with what stands at `offset`; an error if the file ends before.
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

    /// What has this name; nil if nothing has.
    package func kind(of path: String) throws -> FileKind? { try status(of: path)?.kind }

    /// Makes a folder and those above it where there are none, durably.
    package func createDirectories(_ path: String) throws {
        guard try kind(of: path) == nil else { return try createDirectory(path) }
        let parent = FilePaths.parent(of: path)
        if parent != "." && parent != "/" { try createDirectories(parent) }
        try createDirectory(path)
        try synchronizeDirectory(parent)
    }

    /// The bytes of a small file; an error, before anything is allocated, if it is longer than
    /// `limit`.
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

    /// Puts a whole file in place of another in one step.
    ///
    /// A reader sees the old bytes or the new ones. `temporary` is a free name in the same folder;
    /// `body` writes, synchronises and closes the file.
    ///
    /// - Parameter durably: whether the new name is on the disk when the call returns.
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
    /// A copy of some of its bytes.
    package func bytes(_ range: Range<Int>) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: range.count)
        var span = bytes.mutableSpan
        var raw = unsafe span.mutableBytes
        try read(into: &raw, at: range.lowerBound)
        return bytes
    }

    /// The digest of all its bytes, read a piece at a time.
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

/// Names of files taken apart.
package enum FilePaths {
    /// The folder a name stands in.
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
