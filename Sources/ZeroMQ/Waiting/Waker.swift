import CZeroMQ
import Glibc

/// Wakes a thread that waits in a ``Poller``, from any other thread.
///
/// No wake is lost: a wake before the wait ends the wait at once. Several wakes count as one.
@safe package final class Waker: Sendable {
    let descriptor: Int32

    /// A waker for one poller.
    package init() throws(SocketError) {
        descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard descriptor >= 0 else {
            throw SocketError(errno: errno, "A wake-up descriptor cannot be created")
        }
    }

    deinit { close(descriptor) }

    /// Ends the current wait, or the next one.
    package func wake() { _ = eventfd_write(descriptor, 1) }

    /// Clears pending wakes; whether there were any.
    func drain() -> Bool {
        var count: eventfd_t = 0
        return unsafe eventfd_read(descriptor, &count) == 0
    }
}
