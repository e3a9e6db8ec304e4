import Synchronization

/// A queue from any thread to the thread that waits at a poller.
final class Inbox<Element: Sendable>: Sendable {
    private let elements = Mutex<[Element]>([])
    private let wake: @Sendable () -> Void

    /// An empty inbox.
    ///
    /// - Parameter wake: wakes the thread that drains it.
    init(wake: @escaping @Sendable () -> Void) { self.wake = wake }

    /// Appends an element and wakes the receiving thread.
    func post(_ element: Element) {
        elements.withLock { $0.append(element) }
        wake()
    }

    /// Removes all elements, in the order in which they were posted.
    func drain() -> [Element] {
        elements.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
    }
}
