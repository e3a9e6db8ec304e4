internal import Glibc

/// A file in the hands of one holder; it is let go of with the process, however that ends.
package final class FileLock: Sendable {
    private let descriptor: Int32

    private init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { _ = Glibc.close(descriptor) }

    /// Takes a file that is there as soon as nobody else holds it; nil if that is not within the given
    /// time.
    ///
    /// Throws if it cannot be opened.
    package static func take(
        _ path: String, within time: Duration = .zero
    ) throws(FileError) -> FileLock? {
        let deadline = ContinuousClock.now + time
        // Processes started from here do not hold it on: it is closed in them.
        let lock = FileLock(try LocalFileSystem.opened(path).descriptor)
        while true {
            if flock(lock.descriptor, LOCK_EX | LOCK_NB) == 0 { return lock }
            guard errno == EWOULDBLOCK else { throw .system(path, "cannot be locked", errno) }
            guard ContinuousClock.now < deadline else { return nil }
            _ = usleep(5_000)
        }
    }
}
