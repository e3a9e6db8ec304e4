import Glibc

// Waiting in a task would block a thread of Swift's cooperative pool, which has one per core.
/// A thread for code that waits.
final class BackgroundThread: Sendable {
    private let id: pthread_t

    private final class Start {
        let body: () -> Void
        init(_ body: @escaping () -> Void) { self.body = body }
    }

    /// Starts a thread that runs `body` once.
    init(_ name: String, _ body: sending @escaping () -> Void) throws(SocketError) {
        var id = pthread_t()
        let start = unsafe Unmanaged.passRetained(Start(body)).toOpaque()
        let failure = unsafe pthread_create(
            &id, nil,
            { start in
                unsafe Unmanaged<Start>.fromOpaque(start!).takeRetainedValue().body()
                return nil
            }, start)
        guard failure == 0 else {
            unsafe Unmanaged<Start>.fromOpaque(start).release()
            throw SocketError(errno: failure, "A thread for \(name) cannot be started")
        }
        self.id = id
    }

    /// Waits until the thread has ended.
    func join() { _ = pthread_join(id, nil) }
}
