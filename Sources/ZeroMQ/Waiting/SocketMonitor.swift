import CZeroMQ
import Synchronization

/// Something that happened to a connection of a socket.
package struct ConnectionEvent: Sendable, Equatable {
    /// What happened.
    package enum Kind: Sendable, Equatable {
        /// The socket listens.
        case listening
        /// A peer's connection came in, not yet greeted.
        case accepted
        /// A connection to the peer stands, not yet greeted.
        case connected
        /// Both sides have agreed who they are: messages can flow.
        case handshakeSucceeded
        /// The peer's greeting made no sense, or was not finished in time.
        case handshakeFailed
        /// The peer's key was refused.
        case authenticationFailed
        /// A connection was lost.
        case disconnected
        /// Another attempt to connect will follow.
        case retrying
        /// A connection or listener was closed.
        case closed
    }

    /// What happened.
    package let kind: Kind
    /// The endpoint concerned, as libzmq writes it.
    package let endpoint: String
    /// The connection that came in or ended; nil where the event is not about one.
    package let connection: Connection?
}

/// The events of one socket's connections; it belongs to that socket's thread.
package struct SocketMonitor: ~Copyable {
    private static let serial = Atomic<UInt64>(0)

    private let watched: SocketHandle
    /// Give this to a ``Poller`` to wait for events.
    package let socket: Socket

    /// Watches the connections of a socket from now on.
    package init(of watched: borrowing Socket) throws(SocketError) {
        let number = Self.serial.wrappingAdd(1, ordering: .relaxed).newValue
        let endpoint = Endpoint.inproc(name: "monitor-\(number)")
        let events = Self.kinds.reduce(0) { $0 | $1.bit }
        guard
            unsafe zmq_socket_monitor(watched.handle.pointer, endpoint.description, events) == 0
        else { throw SocketError(errno: zmq_errno(), "The socket cannot be monitored") }
        // Unlimited: with a limit, unread events would stop the thread that moves the bytes.
        var options = SocketOptions()
        options.receiveHighWaterMark = 0
        do throws(SocketError) {
            let pair = try Socket(.pair, in: watched.handle.context, options: options)
            try pair.connect(to: endpoint)
            self.init(watched: watched.handle, socket: pair)
        } catch {
            _ = unsafe zmq_socket_monitor(watched.handle.pointer, nil, 0)
            throw error
        }
    }

    private init(watched: SocketHandle, socket: consuming Socket) {
        self.watched = watched
        self.socket = socket
    }

    deinit {
        // Before the pair is closed: libzmq would wait for a reader of the next event.
        if let open = unsafe watched.pointer { _ = unsafe zmq_socket_monitor(open, nil, 0) }
    }

    /// The next event, or nil if there is none yet.
    package func next() throws(SocketError) -> ConnectionEvent? {
        while let message = try socket.receive() {
            guard message.frames.count == 2, message.frames[0].count == 6 else { continue }
            let head = message.frames[0].bytes
            let number = UInt16(head[0]) | UInt16(head[1]) << 8
            guard let kind = Self.kinds.first(where: { $0.bit == Int32(number) })?.kind else {
                continue
            }
            let endpoint = String(decoding: message.frames[1].bytes, as: UTF8.self)
            // For other events the value is an error number, or nothing.
            let value = (0..<4).reduce(Int32(0)) { $0 | Int32(head[2 + $1]) << Int32(8 * $1) }
            let connection =
                kind == .accepted || kind == .disconnected ? Connection(descriptor: value) : nil
            return ConnectionEvent(kind: kind, endpoint: endpoint, connection: connection)
        }
        return nil
    }

    private static let kinds: [(bit: Int32, kind: ConnectionEvent.Kind)] = [
        (ZMQ_EVENT_LISTENING, .listening), (ZMQ_EVENT_ACCEPTED, .accepted),
        (ZMQ_EVENT_CONNECTED, .connected), (ZMQ_EVENT_HANDSHAKE_SUCCEEDED, .handshakeSucceeded),
        (ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL, .handshakeFailed),
        (ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL, .handshakeFailed),
        (ZMQ_EVENT_HANDSHAKE_FAILED_AUTH, .authenticationFailed),
        (ZMQ_EVENT_DISCONNECTED, .disconnected), (ZMQ_EVENT_CONNECT_RETRIED, .retrying),
        (ZMQ_EVENT_CLOSED, .closed),
    ]
}
