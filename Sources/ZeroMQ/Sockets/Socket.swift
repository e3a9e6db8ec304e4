import CZeroMQ

/// A ZeroMQ socket: one owner, one thread, closed when its owner lets go of it.
///
/// It cannot be copied, and it is not `Sendable`: it may be *handed over* to another thread, but
/// two threads can never have it at once. Nothing it does blocks; to wait, use a ``Poller``, which
/// asks for a deadline.
package struct Socket: ~Copyable {
    let handle: SocketHandle

    /// An unconnected socket.
    package init(
        _ kind: SocketKind, in context: Context, options: SocketOptions = SocketOptions()
    ) throws(SocketError) {
        handle = try SocketHandle(kind, context: context, options: options)
    }

    deinit { handle.close() }

    /// Listens on an endpoint, and returns it with the port that was chosen if it named none.
    ///
    /// An endpoint that other machines can reach is refused without CURVE, unless `insecure`.
    @discardableResult
    package func bind(
        to endpoint: Endpoint, insecure: Bool = false
    ) throws(SocketError) -> Endpoint {
        try endpoint.checkBinding(security: handle.security, insecure: insecure)
        if endpoint.isIPv6Literal { try handle.set(ZMQ_IPV6, 1, "IPv6") }
        guard unsafe zmq_bind(handle.pointer, endpoint.bindAddress) == 0 else {
            throw SocketError(errno: zmq_errno(), "The socket cannot be bound to \(endpoint)")
        }
        return try self.endpoint
    }

    /// Where it was last bound or connected, with the port's number.
    package var endpoint: Endpoint {
        get throws(SocketError) { try Endpoint(handle.lastEndpoint()) }
    }

    /// Connects to an endpoint; the connection is made, and made again when lost, behind the scenes.
    package func connect(to endpoint: Endpoint) throws(SocketError) {
        if case .tcp(_, nil) = endpoint {
            throw SocketError(
                .invalidEndpoint, "\(endpoint) names no port to connect to: add its number.")
        }
        if endpoint.isIPv6Literal { try handle.set(ZMQ_IPV6, 1, "IPv6") }
        guard unsafe zmq_connect(handle.pointer, endpoint.description) == 0 else {
            throw SocketError(errno: zmq_errno(), "The socket cannot be connected to \(endpoint)")
        }
    }

    /// Ends a connection made by ``connect(to:)``, and forgets what was queued for it.
    package func disconnect(from endpoint: Endpoint) throws(SocketError) {
        guard unsafe zmq_disconnect(handle.pointer, endpoint.description) == 0 else {
            throw SocketError(
                errno: zmq_errno(), "The socket cannot be disconnected from \(endpoint)")
        }
    }
}
