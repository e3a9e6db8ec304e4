import CZeroMQ

/// A ZeroMQ socket with one owner on one thread; it is closed at the end of its owner's use.
///
/// A socket cannot be copied, and it is not `Sendable`: it may be *transferred* to another thread,
/// but two threads can never use it at once. Its methods do not block; to wait, use a ``Poller``,
/// which takes a deadline.
package struct Socket: ~Copyable {
    let handle: SocketHandle

    /// An unconnected socket.
    package init(
        _ kind: SocketKind, in context: Context, options: SocketOptions = SocketOptions()
    ) throws(SocketError) {
        handle = try SocketHandle(kind, context: context, options: options)
    }

    deinit { handle.close() }

    /// Listens on an endpoint, and returns it with the port that is bound.
    ///
    /// Throws ``SocketError`` for an endpoint that other machines can reach, unless the socket uses
    /// CURVE or `insecure` is true.
    @discardableResult
    package func bind(
        to endpoint: Endpoint, insecure: Bool = false
    ) throws(SocketError) -> Endpoint {
        try endpoint.checkBinding(security: handle.security, insecure: insecure)
        let address = try TransportAddress(binding: endpoint)
        try handle.set(ZMQ_IPV6, address.usesIPv6 ? 1 : 0, "IPv6")
        guard unsafe zmq_bind(handle.pointer, address.text) == 0 else {
            throw SocketError(errno: zmq_errno(), "The socket cannot be bound to \(endpoint)")
        }
        return try self.endpoint
    }

    /// The endpoint that was last bound or connected, with its port.
    package var endpoint: Endpoint {
        get throws(SocketError) { try Endpoint(handle.lastEndpoint()) }
    }

    /// Connects to an endpoint.
    ///
    /// libzmq establishes the connection in the background, and restores it when it is lost. The host
    /// is resolved here; of a name with IPv4 and IPv6 addresses, the first that accepts a connection
    /// within a second is used.
    package func connect(to endpoint: Endpoint) throws(SocketError) {
        if case .tcp(_, nil) = endpoint {
            throw SocketError(
                .invalidEndpoint, "\(endpoint) names no port to connect to: add its number.")
        }
        let address = try TransportAddress(connecting: endpoint)
        try handle.set(ZMQ_IPV6, address.usesIPv6 ? 1 : 0, "IPv6")
        guard unsafe zmq_connect(handle.pointer, address.text) == 0 else {
            throw SocketError(errno: zmq_errno(), "The socket cannot be connected to \(endpoint)")
        }
    }

    /// Ends a connection made by ``connect(to:)``, and drops messages queued for it.
    package func disconnect(from endpoint: Endpoint) throws(SocketError) {
        guard unsafe zmq_disconnect(handle.pointer, endpoint.description) == 0 else {
            throw SocketError(
                errno: zmq_errno(), "The socket cannot be disconnected from \(endpoint)")
        }
    }
}
