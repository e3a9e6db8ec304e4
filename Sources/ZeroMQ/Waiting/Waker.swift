import CZeroMQ
import Glibc

/// Wakes a thread that waits in a ``Poller``, from any other thread.
///
/// A wake is never lost: one before the wait begins ends it at once; several before it are one.
@safe package final class Waker: Sendable {
    let descriptor: Int32

    /// A waker for one poller.
    package init() throws(SocketError) {
        descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard descriptor >= 0 else {
            throw SocketError(errno: errno, "A wake-up descriptor cannot be made")
        }
    }

    deinit { close(descriptor) }

    /// Ends the wait under way, or the next one.
    package func wake() { _ = eventfd_write(descriptor, 1) }

    /// Forgets the wakes so far; whether there were any.
    func drain() -> Bool {
        var count: eventfd_t = 0
        return unsafe eventfd_read(descriptor, &count) == 0
    }
}
