package import ZeroMQ

/// Return address of a client, valid as long as its connection.
package struct Route: Hashable, Sendable {
    /// The address as it precedes a message.
    let frame: Frame
    // A frame compares by copying its bytes, and a route is looked up for each message.
    private let bytes: [UInt8]

    /// The address that a message began with.
    package init(_ frame: Frame) {
        self.frame = frame
        bytes = frame.bytes
    }

    /// Whether the addresses are the same.
    package static func == (left: Route, right: Route) -> Bool { left.bytes == right.bytes }

    /// Hashes the address.
    package func hash(into hasher: inout Hasher) { hasher.combine(bytes) }
}

/// A message of a client, with what the transport knows of its sender.
package struct ReceivedMessage {
    /// The address for an answer.
    package let route: Route
    /// The connection it came over; nil if the transport does not know.
    package let connection: Connection?
    /// The sender's authenticated key; nil without authentication.
    package let userID: String?
    /// The frames that the client sent.
    package let frames: ArraySlice<Frame>

    /// A message as it arrived.
    package init(
        from route: Route, on connection: Connection?, userID: String?, frames: ArraySlice<Frame>
    ) {
        self.route = route
        self.connection = connection
        self.userID = userID
        self.frames = frames
    }
}

/// Change of a server's connections.
package enum ConnectionChange: Equatable, Sendable {
    /// A client connected.
    case opened(Connection)
    /// A connection ended, whichever side ended it.
    case closed(Connection)
    /// A client's handshake was malformed or of other keys; its connection is reported as well.
    case handshakeFailed
}

/// Server side of a transport: messages from and to any number of clients.
///
/// Nothing here blocks. A driver that has nothing to do waits in a ``Poller`` to which it adds the
/// transport; a simulation calls the driver when it has delivered something. One thread uses it.
/// Messages of one connection arrive in the order they were sent; across connections there is no
/// order, nor between messages and ``nextChange()``.
package protocol ServerTransport: AnyObject {
    /// The address that clients connect to.
    var endpoint: Endpoint { get }
    /// Takes the next message that has arrived; nil if there is none.
    func receive() throws -> ReceivedMessage?
    /// Sends a message to the client at a route.
    func send(_ frames: [Frame], to route: Route) throws(TransportError)
    /// Takes the next change of connections; nil if there is none.
    func nextChange() throws -> ConnectionChange?
    /// Ends a connection; its end is reported by ``nextChange()`` like any other.
    func disconnect(_ connection: Connection)
    /// Bytes received over a connection, those of unfinished messages included; nil if unknown.
    func receivedBytes(on connection: Connection) -> Int?
    /// Replaces the server's keys for all later handshakes; connections that exist remain.
    func replaceKeys(_ keys: CurveKeyPair) throws
    /// Has a poller wait for messages and changes too.
    func watch(with poller: inout Poller)
}

extension ServerTransport {
    /// Does nothing, on a transport without keys.
    package func replaceKeys(_ keys: CurveKeyPair) throws {}
}
