import CZeroMQ
import Synchronization

/// A change of a connection of a socket.
package struct ConnectionEvent: Sendable, Equatable {
    /// The kind of change.
    package enum Kind: Sendable, Equatable {
        /// The socket listens on the endpoint.
        case listening
        /// A peer has connected; the handshake follows.
        case accepted
        /// The socket has connected to the peer; the handshake follows.
        case connected
        /// The handshake is complete: messages can be exchanged.
        case handshakeSucceeded
        /// The peer's handshake was malformed, or not complete in time.
        case handshakeFailed
        /// The authenticator rejected the peer's key.
        case authenticationFailed
        /// A connection was lost.
        case disconnected
        /// The socket will try to connect again.
        case retrying
        /// A connection or listener was closed.
        case closed
    }

    /// The kind of change.
    package let kind: Kind
    /// The endpoint concerned, as libzmq writes it.
    package let endpoint: String
    /// The connection that was accepted or lost, or the descriptor that listens; nil for other kinds.
    package let connection: Connection?
}

/// The events of one socket's connections.
///
/// A monitor belongs to the thread of its socket.
package struct SocketMonitor: ~Copyable {
    private static let serial = Atomic<UInt64>(0)

    private let watched: SocketHandle
    /// The socket on which events arrive, for a ``Poller``.
    package let socket: Socket

    /// Watches the connections of a socket.
    package init(of watched: borrowing Socket) throws(SocketError) {
        let number = Self.serial.wrappingAdd(1, ordering: .relaxed).newValue
        let endpoint = Endpoint.inproc(name: "monitor-\(number)")
        let events = Self.kinds.reduce(0) { $0 | $1.bit }
        guard
            unsafe zmq_socket_monitor(watched.handle.pointer, endpoint.description, events) == 0
        else { throw SocketError(errno: zmq_errno(), "The socket cannot be monitored") }
        // Without a limit: a full queue of unread events would block libzmq's I/O thread.
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
        // Before the pair is closed: libzmq would wait for a reader of its next event.
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
            let connection: Connection? =
                switch kind {
                case .accepted, .disconnected, .listening: Connection(descriptor: value)
                default: nil
                }
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
