package import ZeroMQ

/// Server over a ZeroMQ ROUTER socket.
final class RouterTransport: ServerTransport {
    private let socket: Socket
    private let monitor: SocketMonitor
    let endpoint: Endpoint
    private var port: ListeningPort?

    /// Listens on an endpoint.
    ///
    /// - Parameters:
    ///   - queuedMessages: messages of a connection that may wait to be received.
    ///   - handshakeTimeout: the longest that a handshake may take.
    ///   - insecure: whether other machines may connect although there are no keys.
    init(
        at endpoint: Endpoint, security: Security, queuedMessages: Int,
        handshakeTimeout: Duration, insecure: Bool, in context: Context
    ) throws {
        var options = SocketOptions(security: security)
        // The last message, a stop or goodbye, must reach workers although the socket is closed at once.
        options.linger = .seconds(2)
        // A client that stalls in the handshake is not yet seen by any other limit.
        options.handshakeTimeout = handshakeTimeout
        // A worker that is ahead of its coordinator waits; its messages are not piled up here.
        options.receiveHighWaterMark = queuedMessages
        socket = try Socket(.router, in: context, options: options)
        // Before it is bound: the first connection would otherwise be open without an event.
        monitor = try SocketMonitor(of: socket)
        self.endpoint = try socket.bind(to: endpoint, insecure: insecure)
        port = try ListeningPort(endpoint, monitoredBy: monitor)
    }

    func replaceKeys(_ keys: CurveKeyPair) throws {
        try socket.replaceKeys(keys, at: endpoint, on: &port)
    }

    func receive() throws -> ReceivedMessage? {
        while let message = try socket.receive() {
            guard let route = message.frames.first else { continue }
            return ReceivedMessage(
                from: Route(route), on: message.connection, userID: message.userID,
                frames: message.frames.dropFirst())
        }
        return nil
    }

    func send(_ frames: [Frame], to route: Route) throws(TransportError) {
        do throws(SocketError) {
            try socket.send(frames, to: route.frame)
        } catch {
            throw TransportError(error)
        }
    }

    func nextChange() throws -> ConnectionChange? {
        while let event = try monitor.next() {
            if event.kind == .handshakeFailed { return .handshakeFailed }
            guard let connection = event.connection else { continue }
            switch event.kind {
            case .accepted: return .opened(connection)
            case .disconnected: return .closed(connection)
            default: break
            }
        }
        return nil
    }

    // ZeroMQ closes no single connection of a socket; shutting down its descriptor makes it do so.
    func disconnect(_ connection: Connection) { connection.hangUp() }

    func receivedBytes(on connection: Connection) -> Int? { connection.receivedBytes }

    func watch(with poller: inout Poller) {
        _ = poller.add(socket)
        _ = poller.add(monitor.socket)
    }
}

/// Client over a ZeroMQ DEALER socket.
package final class DealerTransport: ClientTransport {
    private let socket: Socket
    private let monitor: SocketMonitor

    /// Connects to an endpoint.
    ///
    /// - Parameters:
    ///   - linger: how long unsent messages are kept after the transport is gone.
    ///   - sendLimit: messages that may wait to be sent; 0 for any number.
    package init(
        to endpoint: Endpoint, security: Security = .none, linger: Duration = .milliseconds(200),
        sendLimit: Int? = nil, in context: Context
    ) throws {
        var options = SocketOptions(security: security)
        options.linger = linger
        if let sendLimit { options.sendHighWaterMark = sendLimit }
        socket = try Socket(.dealer, in: context, options: options)
        monitor = try SocketMonitor(of: socket)
        try socket.connect(to: endpoint)
    }

    /// Takes the frames of the next message that has arrived; nil if there is none.
    package func receive() throws -> [Frame]? { try socket.receive()?.frames }

    /// Sends a message.
    package func send(_ frames: [Frame]) throws(TransportError) {
        do throws(SocketError) {
            try socket.send(frames)
        } catch {
            throw TransportError(error)
        }
    }

    /// Whether the connection has ended since this was last asked.
    package func hasDisconnected() throws -> Bool {
        var hasEnded = false
        while let event = try monitor.next() {
            hasEnded = hasEnded || event.kind == .disconnected
        }
        return hasEnded
    }

    /// Has a poller wait for messages and for the connection's end too.
    package func watch(with poller: inout Poller) {
        _ = poller.add(socket)
        _ = poller.add(monitor.socket)
    }
}

extension TransportError {
    init(_ error: SocketError) {
        switch error.kind {
        case .unroutable: self = .unreachable
        case .wouldBlock: self = .queueFull
        default: self = .failed(error.description)
        }
    }
}
