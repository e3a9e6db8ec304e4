import CZeroMQ
import Glibc

/// Waits with a deadline for any of several sockets or for a ``Waker``.
///
/// A poller belongs to the thread of its sockets. Closed sockets are skipped.
@safe package struct Poller: ~Copyable {
    /// Events that a socket is watched for.
    package struct Interest: OptionSet, Sendable {
        /// The set's bits.
        package let rawValue: UInt8
        /// A set of the given bits.
        package init(rawValue: UInt8) { self.rawValue = rawValue }
        /// A message can be received.
        package static let readable = Interest(rawValue: 1)
        /// A message can be sent.
        package static let writable = Interest(rawValue: 2)
    }

    /// The result of a wait; empty if the deadline passed.
    package struct Readiness: Sendable, Equatable {
        /// Whether the waker was used.
        package fileprivate(set) var isWoken = false
        /// The numbers of the sockets from which a message can be received, in ascending order.
        package fileprivate(set) var readable: [Int] = []
        /// The numbers of the sockets to which a message can be sent, in ascending order.
        package fileprivate(set) var writable: [Int] = []

        /// Whether a message can be received from the socket of that number.
        package func canReceive(_ number: Int) -> Bool { readable.contains(number) }
        /// Whether a message can be sent to the socket of that number.
        package func canSend(_ number: Int) -> Bool { writable.contains(number) }
        /// Whether the deadline passed.
        package var isTimeout: Bool { !isWoken && readable.isEmpty && writable.isEmpty }
    }

    private let waker: Waker?
    private var sockets: [(handle: SocketHandle, interest: Interest)] = []
    private var items: [zmq_pollitem_t] = unsafe []
    /// The socket's number for each item; -1 for the waker.
    private var numbers: [Int] = []

    /// A poller without sockets, which `waker` can wake.
    package init(waker: Waker? = nil) { self.waker = waker }

    /// Watches a socket, and returns its number: 0, 1, … in the order of these calls.
    package mutating func add(
        _ socket: borrowing Socket, for interest: Interest = .readable
    ) -> Int {
        sockets.append((socket.handle, interest))
        return sockets.count - 1
    }

    /// Changes the events that a socket is watched for; an empty set pauses it.
    package mutating func watch(_ number: Int, for interest: Interest) {
        sockets[number].interest = interest
    }

    /// Waits until a socket is ready or the waker is used, at most for the timeout.
    package mutating func wait(upTo timeout: Duration) throws(SocketError) -> Readiness {
        try wait(until: ContinuousClock.now + timeout)
    }

    /// Waits until a socket is ready or the waker is used, at most until the deadline.
    package mutating func wait(
        until deadline: ContinuousClock.Instant
    ) throws(SocketError) -> Readiness {
        prepare()
        while true {
            let left = max(deadline - ContinuousClock.now, .zero)
            let found = unsafe zmq_poll(&items, Int32(items.count), Int(left.milliseconds))
            if found < 0 {
                if zmq_errno() == EINTR { continue }
                throw SocketError(errno: zmq_errno(), "The sockets cannot be watched")
            }
            if found > 0 { return readiness() }
            // zmq_poll waits at most Int32.max milliseconds; a longer wait goes on.
            if ContinuousClock.now >= deadline { return Readiness() }
        }
    }

    private mutating func prepare() {
        unsafe items.removeAll(keepingCapacity: true)
        numbers.removeAll(keepingCapacity: true)
        for (number, (handle, interest)) in sockets.enumerated() {
            guard let pointer = unsafe handle.pointer, !interest.isEmpty else { continue }
            let readable = interest.contains(.readable) ? ZMQ_POLLIN : 0
            let writable = interest.contains(.writable) ? ZMQ_POLLOUT : 0
            unsafe items.append(
                zmq_pollitem_t(
                    socket: pointer, fd: 0, events: Int16(readable | writable), revents: 0))
            numbers.append(number)
        }
        if let waker {
            unsafe items.append(
                zmq_pollitem_t(
                    socket: nil, fd: waker.descriptor, events: Int16(ZMQ_POLLIN), revents: 0))
            numbers.append(-1)
        }
    }

    private func readiness() -> Readiness {
        var result = Readiness()
        for (place, number) in numbers.enumerated() {
            let events = Int32(unsafe items[place].revents)
            if number < 0 {
                if events != 0 { result.isWoken = waker?.drain() ?? false }
                continue
            }
            if events & ZMQ_POLLIN != 0 { result.readable.append(number) }
            if events & ZMQ_POLLOUT != 0 { result.writable.append(number) }
        }
        return result
    }
}
