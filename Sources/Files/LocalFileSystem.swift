internal import Glibc

/// The file system of this machine, by POSIX calls.
package struct LocalFileSystem: FileSystem {
    /// The file system.
    package init() {}

    /// Creates a folder unless it exists; its parent must exist.
    package func createDirectory(_ path: String) throws {
        if unsafe mkdir(path, 0o755) != 0 {
            let code = errno
            // A symbolic link to a folder serves as well as a folder.
            var status = stat()
            if code == EEXIST, unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
                return
            }
            throw FileError.system(path, "cannot be created", code)
        }
    }

    /// Creates an empty file for writing; throws if the name exists.
    package func create(_ path: String) throws -> any WritableFile {
        let descriptor = unsafe Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw FileError.system(path, "cannot be created", errno) }
        return LocalWritableFile(path: path, descriptor: descriptor)
    }

    /// Renames a file or folder; a file of the new name is replaced in one step.
    package func rename(_ path: String, to newPath: String) throws {
        guard unsafe Glibc.rename(path, newPath) == 0 else {
            throw FileError.system(path, "cannot be renamed to \(newPath)", errno)
        }
    }

    /// Removes a file.
    package func removeFile(_ path: String) throws {
        guard unsafe unlink(path) == 0 else {
            throw FileError.system(path, "cannot be removed", errno)
        }
    }

    /// Removes an empty folder.
    package func removeDirectory(_ path: String) throws {
        guard unsafe rmdir(path) == 0 else {
            throw FileError.system(path, "cannot be removed", errno)
        }
    }

    /// Makes the names in a folder durable.
    package func synchronizeDirectory(_ path: String) throws {
        let descriptor = unsafe Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError.system(path, "cannot be opened", errno) }
        defer { _ = Glibc.close(descriptor) }
        guard fsync(descriptor) == 0 else {
            throw FileError.system(path, "cannot be made durable", errno)
        }
    }

    /// Opens a file for reading.
    package func open(_ path: String) throws -> any ReadableFile {
        let (descriptor, status) = try Self.opened(path)
        return LocalReadableFile(path: path, descriptor: descriptor, size: Int(status.st_size))
    }

    /// Opens a regular file, for reading unless `flags` say otherwise; the caller must close the
    /// descriptor.
    static func opened(
        _ path: String, flags: Int32 = O_RDONLY | O_CLOEXEC | O_NONBLOCK
    ) throws(FileError) -> (descriptor: Int32, status: stat) {
        // Without O_NONBLOCK, opening a named pipe would wait for its writer indefinitely.
        let descriptor = unsafe Glibc.open(path, flags, 0o644)
        guard descriptor >= 0 else { throw FileError.system(path, "cannot be opened", errno) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            let code = errno
            _ = Glibc.close(descriptor)
            throw FileError.system(path, "cannot be opened", code)
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            _ = Glibc.close(descriptor)
            let kind =
                switch status.st_mode & S_IFMT {
                case S_IFDIR: "folder"
                case S_IFIFO: "pipe"
                case S_IFCHR, S_IFBLK: "device"
                default: "socket"
                }
            throw FileError(path, "is a \(kind), not a file with bytes")
        }
        return (descriptor, status)
    }

    /// The names in a folder, sorted by their bytes.
    package func names(in directory: String) throws -> [String] {
        guard let stream = unsafe opendir(directory) else {
            throw FileError.system(directory, "cannot be read", errno)
        }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while true {
            // readdir returns nil at the end and on errors; only errno tells them apart.
            errno = 0
            guard let entry = unsafe readdir(stream) else {
                guard errno == 0 else {
                    throw FileError.system(directory, "cannot be read", errno)
                }
                break
            }
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// The kind, size and time of use of a path; nil if it does not exist.
    package func status(of path: String) throws -> FileStatus? {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw FileError.system(path, "cannot be examined", errno)
        }
        let kind: FileKind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .directory
            default: .other
            }
        return FileStatus(
            kind: kind, size: Int(status.st_size),
            used: status.st_mtim.tv_sec * 1_000_000_000 + status.st_mtim.tv_nsec)
    }

    /// Sets a file's time of modification to the present.
    package func touch(_ path: String) throws {
        guard unsafe utimensat(AT_FDCWD, path, nil, 0) == 0 else {
            throw FileError.system(path, "cannot be touched", errno)
        }
    }

    /// The bytes available to ordinary users below a folder.
    package func availableBytes(in directory: String) throws -> Int? {
        var status = statvfs()
        guard unsafe statvfs(directory, &status) == 0 else {
            throw FileError.system(directory, "cannot be examined", errno)
        }
        let (bytes, overflow) = UInt64(status.f_bavail).multipliedReportingOverflow(
            by: UInt64(status.f_frsize))
        return overflow ? nil : Int(clamping: bytes)
    }
}

private final class LocalWritableFile: WritableFile {
    let path: String
    var descriptor: Int32

    init(path: String, descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
    }

    deinit { if descriptor >= 0 { _ = Glibc.close(descriptor) } }

    func write(_ bytes: RawSpan) throws {
        try unsafe bytes.withUnsafeBytes { buffer in
            var rest = unsafe buffer[...]
            while unsafe !rest.isEmpty {
                let piece = unsafe UnsafeRawBufferPointer(rebasing: rest)
                let count = unsafe Glibc.write(descriptor, piece.baseAddress, piece.count)
                if count < 0 {
                    if errno == EINTR { continue }
                    throw FileError.system(path, "cannot be written", errno)
                }
                unsafe rest = rest.dropFirst(count)
            }
        }
    }

    func synchronize() throws {
        guard fsync(descriptor) == 0 else {
            throw FileError.system(path, "cannot be made durable", errno)
        }
    }

    func close() throws {
        // Also after an error the descriptor is gone; closing it again could close another file.
        let closing = descriptor
        descriptor = -1
        guard Glibc.close(closing) == 0 else {
            throw FileError.system(path, "cannot be closed", errno)
        }
    }
}

private final class LocalReadableFile: ReadableFile {
    let path: String
    let descriptor: Int32
    let size: Int

    init(path: String, descriptor: Int32, size: Int) {
        self.path = path
        self.descriptor = descriptor
        self.size = size
    }

    deinit { _ = Glibc.close(descriptor) }

    func read(into bytes: inout MutableRawSpan, at offset: Int) throws {
        try unsafe bytes.withUnsafeMutableBytes { buffer in
            var done = 0
            while done < buffer.count {
                let piece = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
                // pread has no shared position, so several threads may read the file at once.
                let count = unsafe pread(
                    descriptor, piece.baseAddress, piece.count, off_t(offset + done))
                if count < 0 {
                    if errno == EINTR { continue }
                    throw FileError.system(path, at: offset + done, "cannot be read", errno)
                }
                guard count > 0 else {
                    throw FileError(path, at: offset + done, "ends while it is being read")
                }
                done += count
            }
        }
    }
}

extension FileError {
    /// An error of the system, with its message.
    static func system(
        _ path: String, at offset: Int? = nil, _ verb: String, _ code: Int32
    ) -> FileError {
        let reason = unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
        var error = FileError(path, at: offset, "\(verb): \(reason)")
        error.isGone = code == ESTALE || code == ENOENT
        return error
    }
}
