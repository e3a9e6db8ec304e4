internal import Glibc

/// An exclusive lock on a file, released with the object or at the end of the process.
package final class FileLock: Sendable {
    /// The answer to an attempt to lock a file.
    package enum Answer: Sendable {
        /// The lock, held by this process.
        case taken(FileLock)
        /// Another process holds the lock.
        case held
        /// The file system has no locks; the error names the file and the system's reason.
        case unsupported(FileError)
    }

    /// The system call that locks a descriptor without waiting; its result is an error number, or 0.
    ///
    /// Tests substitute the semantics of network file systems.
    package typealias Call = @Sendable (_ descriptor: Int32) -> Int32

    private let descriptor: Int32

    private init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { _ = Glibc.close(descriptor) }

    /// Locks a file.
    ///
    /// Throws ``FileError`` if the file cannot be opened for writing, or locking fails.
    ///
    /// - Parameters:
    ///   - creating: whether a missing file is created, empty.
    ///   - time: the time for which the lock is tried again while another process holds it.
    package static func take(
        _ path: String, creating: Bool = false, within time: Duration = .zero,
        by call: Call = FileLock.systemCall
    ) throws(FileError) -> Answer {
        let deadline = ContinuousClock.now + time
        var lock = try open(path, creating: creating)
        var isReopened = false
        while true {
            let code = call(lock.descriptor)
            switch code {
            case 0: return .taken(lock)
            case EINTR: continue
            case EWOULDBLOCK:
                guard ContinuousClock.now < deadline else { return .held }
                // flock has no timeout of its own.
                _ = usleep(5_000)
            case ESTALE where !isReopened:
                // Another machine has replaced the file since it was opened here.
                isReopened = true
                lock = try open(path, creating: creating)
            // ENOSYS: Lustre mounted without -o flock. ENOLCK: NFSv3 without its lock service.
            case ENOSYS, EOPNOTSUPP, ENOLCK:
                return .unsupported(.system(path, "cannot be locked", code))
            default: throw .system(path, "cannot be locked", code)
            }
        }
    }

    /// Locks by flock(2).
    package static let systemCall: Call = { descriptor in
        flock(descriptor, LOCK_EX | LOCK_NB) == 0 ? 0 : errno
    }

    private static func open(_ path: String, creating: Bool) throws(FileError) -> FileLock {
        // For writing: NFS turns flock into a lock of the server, which refuses an exclusive one
        // (EBADF) on a descriptor opened for reading. The descriptor is closed in child processes: a
        // surviving child would keep the lock.
        let flags = O_RDWR | O_CLOEXEC | O_NONBLOCK | (creating ? O_CREAT : 0)
        return FileLock(try LocalFileSystem.opened(path, flags: flags).descriptor)
    }
}
