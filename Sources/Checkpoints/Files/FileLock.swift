internal import Glibc

/// A file in the hands of one holder; it is let go of with the process, however that ends.
public final class FileLock: Sendable {
    private let descriptor: Int32

    private init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { _ = Glibc.close(descriptor) }

    /// Takes a file that is there; nil if another holds it.
    ///
    /// Throws if it cannot be opened.
    public static func take(_ path: String) throws(FileError) -> FileLock? {
        // Processes started from here must not hold it on.
        let descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .system(path, "cannot be opened", errno) }
        let lock = FileLock(descriptor)
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            guard errno == EWOULDBLOCK else { throw .system(path, "cannot be locked", errno) }
            return nil
        }
        return lock
    }

    /// Takes a file that is there as soon as whoever holds it lets go of it; nil if that is not within
    /// the given time.
    public static func take(_ path: String, within time: Duration) throws(FileError) -> FileLock? {
        let deadline = ContinuousClock.now + time
        while true {
            if let lock = try take(path) { return lock }
            guard ContinuousClock.now < deadline else { return nil }
            _ = usleep(5_000)
        }
    }
}
