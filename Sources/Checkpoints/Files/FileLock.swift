internal import Glibc

/// An exclusive lock on a file, released with the object or at the end of the process.
package final class FileLock: Sendable {
    private let descriptor: Int32

    private init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { _ = Glibc.close(descriptor) }

    /// Locks an existing file; nil if another process holds it throughout the given time.
    ///
    /// Throws ``FileError`` if the file cannot be opened.
    package static func take(
        _ path: String, within time: Duration = .zero
    ) throws(FileError) -> FileLock? {
        let deadline = ContinuousClock.now + time
        // The descriptor is closed in child processes: a surviving child would keep the lock.
        let lock = FileLock(try LocalFileSystem.opened(path).descriptor)
        while true {
            if flock(lock.descriptor, LOCK_EX | LOCK_NB) == 0 { return lock }
            guard errno == EWOULDBLOCK else { throw .system(path, "cannot be locked", errno) }
            guard ContinuousClock.now < deadline else { return nil }
            // flock has no timeout of its own.
            _ = usleep(5_000)
        }
    }
}
