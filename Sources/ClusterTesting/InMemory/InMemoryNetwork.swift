package import Cluster
package import ZeroMQ

/// Network in memory between one server and its clients, in which messages move only when they are
/// told to.
///
/// What either side sends waits in ``messages`` until the owner delivers it. The owner therefore
/// decides, from a seed of its own, how long a message takes, which of two connections is faster,
/// which message arrives twice and which connection breaks. One thread uses it.
package final class InMemoryNetwork {
    /// Side that receives a message.
    package enum Receiver: Sendable, Equatable {
        /// The server.
        case server
        /// The client of the message's connection.
        case client
    }

    /// A message that was sent and not delivered.
    package struct Message {
        /// Its place in the order of sending, which identifies it.
        package let number: Int
        /// The connection it travels over.
        package let connection: Connection
        /// The side that receives it.
        package let receiver: Receiver
        /// Its frames.
        package let frames: [Frame]
    }

    /// The server's side.
    package let server: InMemoryServer
    /// Messages that were sent and not delivered, in the order of sending.
    package private(set) var messages: [Message] = []
    private var clients: [Connection: InMemoryClient] = [:]
    private var routes: [Route: Connection] = [:]
    private var sentCount = 0
    private var connectionCount: Int32 = 0

    /// A network without clients.
    package init(endpoint: Endpoint = .inproc(name: "in-memory")) {
        server = InMemoryServer(endpoint: endpoint)
        server.network = self
    }

    /// Connects a client.
    ///
    /// - Parameter userID: the key that the client is authenticated by.
    package func connect(userID: String? = nil) -> InMemoryClient {
        connectionCount += 1
        // Numbered routes instead of random ones: a simulated run must repeat from its seed.
        let bytes = (0..<4).map { UInt8(truncatingIfNeeded: connectionCount >> (8 * $0)) }
        let client = InMemoryClient(
            on: Connection(descriptor: connectionCount), at: Route(Frame(bytes)), userID: userID,
            of: self)
        clients[client.connection] = client
        routes[client.route] = client.connection
        server.changes.append(.opened(client.connection))
        return client
    }

    /// Whether a connection is open.
    package func isOpen(_ connection: Connection) -> Bool { clients[connection] != nil }

    /// Hands a message to its receiver; a message of a connection that has ended is dropped.
    ///
    /// - Parameter keepsCopy: whether the message stays in the network, to be delivered again.
    package func deliver(_ number: Int, keepsCopy: Bool = false) {
        guard let place = messages.firstIndex(where: { $0.number == number }) else { return }
        let message = keepsCopy ? messages[place] : messages.remove(at: place)
        // The connection may have been cut after the message was chosen.
        guard let client = clients[message.connection] else { return }
        switch message.receiver {
        case .client: client.inbox.append(message.frames)
        case .server:
            server.inbox.append(
                ReceivedMessage(
                    from: client.route, on: message.connection, userID: client.userID,
                    frames: message.frames[...]))
        }
    }

    /// Delivers every message that was sent so far, in the order of sending.
    package func deliverAll() {
        // The loop runs over a copy: replies to these messages wait for the next call.
        for message in messages { deliver(message.number) }
    }

    /// Breaks a connection: messages under way to the client are lost, as are those of the client
    /// that were not delivered; both sides learn of it.
    package func cut(_ connection: Connection) {
        guard let client = clients.removeValue(forKey: connection) else { return }
        // A route ends with its connection: the server must not reach a client that connects anew.
        routes[client.route] = nil
        client.isCut = true
        client.hasNewEnd = true
        // Messages under way are lost, as those of a broken TCP connection are.
        messages.removeAll { $0.connection == connection }
        server.changes.append(.closed(connection))
    }

    fileprivate func send(_ frames: [Frame], to route: Route) throws(TransportError) {
        guard let connection = routes[route] else { throw .unreachable }
        try send(frames, on: connection, to: .client)
    }

    fileprivate func send(
        _ frames: [Frame], on connection: Connection, to receiver: Receiver
    ) throws(TransportError) {
        guard clients[connection] != nil else { throw .unreachable }
        messages.append(
            Message(number: sentCount, connection: connection, receiver: receiver, frames: frames))
        sentCount += 1
    }
}

/// Server of an ``InMemoryNetwork``.
package final class InMemoryServer: ServerTransport {
    /// The address that clients would connect to.
    package let endpoint: Endpoint
    fileprivate weak var network: InMemoryNetwork?
    fileprivate var inbox: [ReceivedMessage] = []
    fileprivate var changes: [ConnectionChange] = []

    fileprivate init(endpoint: Endpoint) { self.endpoint = endpoint }

    /// Takes the next message that was delivered; nil if there is none.
    package func receive() -> ReceivedMessage? { inbox.isEmpty ? nil : inbox.removeFirst() }

    /// Sends a message to the client at a route.
    package func send(_ frames: [Frame], to route: Route) throws(TransportError) {
        guard let network else { throw .unreachable }
        try network.send(frames, to: route)
    }

    /// Takes the next change of connections; nil if there is none.
    package func nextChange() -> ConnectionChange? {
        changes.isEmpty ? nil : changes.removeFirst()
    }

    /// Ends a connection.
    package func disconnect(_ connection: Connection) { network?.cut(connection) }

    /// Nothing is known of unfinished messages: there are none.
    package func receivedBytes(on connection: Connection) -> Int? { nil }

    /// Adds nothing: there is nothing to wait for.
    package func watch(with poller: inout Poller) {}
}

/// Client of an ``InMemoryNetwork``.
package final class InMemoryClient: ClientTransport {
    /// Its connection.
    package let connection: Connection
    fileprivate let userID: String?
    fileprivate let route: Route
    private weak var network: InMemoryNetwork?
    fileprivate var inbox: [[Frame]] = []
    fileprivate var isCut = false
    fileprivate var hasNewEnd = false

    fileprivate init(
        on connection: Connection, at route: Route, userID: String?, of network: InMemoryNetwork
    ) {
        self.connection = connection
        self.route = route
        self.userID = userID
        self.network = network
    }

    /// Takes the frames of the next message that was delivered; nil if there is none.
    package func receive() -> [Frame]? { inbox.isEmpty ? nil : inbox.removeFirst() }

    /// Sends a message.
    package func send(_ frames: [Frame]) throws(TransportError) {
        guard let network, !isCut else { throw .unreachable }
        try network.send(frames, on: connection, to: .server)
    }

    /// Whether the connection has ended since this was last asked.
    package func hasDisconnected() -> Bool {
        defer { hasNewEnd = false }
        return hasNewEnd
    }

    /// Adds nothing: there is nothing to wait for.
    package func watch(with poller: inout Poller) {}
}
