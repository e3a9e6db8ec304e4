import ZeroMQ

/// The door of a coordinator's socket: who comes in and goes, as its monitor tells, and what the
/// ``ConnectionLimiter`` makes of it.
struct ConnectionMonitor: ~Copyable {
    /// What happened at the door.
    enum Event {
        /// A connection ended.
        case gone(Connection)
        /// A connection must be cut, for this reason.
        case cut(Connection, ConnectionViolation)
    }

    /// Wakes whoever waits for it.
    let monitor: SocketMonitor
    private var keeper: ConnectionLimiter

    /// Watches a socket that does not listen yet.
    init(
        of socket: borrowing Socket, _ limits: PeerLimits, heartbeatTimeout: Duration
    ) throws {
        monitor = try SocketMonitor(of: socket)
        keeper = ConnectionLimiter(limits, heartbeatTimeout: heartbeatTimeout)
    }

    /// Who is silent for longer, from the first moment on, is hung up on.
    var heartbeatTimeout: Duration {
        get { keeper.timeout }
        set { keeper.timeout = newValue }
    }

    /// What happened since it was asked last.
    mutating func look(at now: Duration) throws -> [Event] {
        var events: [Event] = []
        while let event = try monitor.next() {
            guard let connection = event.connection else { continue }
            switch event.kind {
            case .accepted:
                if let (cut, reason) = keeper.open(connection, at: now) {
                    events.append(.cut(cut, reason))
                }
            case .disconnected:
                keeper.close(connection)
                events.append(.gone(connection))
            default: break
            }
        }
        return events
    }

    /// Connections that have been silent, or have not come to the point, for too long.
    mutating func overdue(at now: Duration) -> [Event] {
        keeper.overdue(at: now) { $0.receivedBytes }.map { .cut($0, $1) }
    }

    /// Whether a connection is known and not cut: what was heard of it is asked for first otherwise.
    func isKnown(_ connection: Connection) -> Bool { keeper.isKnown(connection) }

    /// What to do with a message of that size.
    mutating func hear(
        _ connection: Connection, bytes: Int, at now: Duration
    ) -> ConnectionLimiter.Verdict {
        keeper.hear(connection, bytes: bytes, at: now)
    }

    /// What is answered at length costs as much as many messages; the end of a connection that asks
    /// too often.
    mutating func charge(_ connection: Connection?, at now: Duration) -> Event? {
        guard let connection,
            case .cut(let reason) = keeper.hear(connection, bytes: 0, price: 49, at: now)
        else { return nil }
        return .cut(connection, reason)
    }

    /// So many messages were asked of a peer.
    mutating func ask(_ connection: Connection?, for messages: Int) {
        if let connection { keeper.ask(connection, for: messages) }
    }

    /// Ends a connection.
    mutating func hangUp(on connection: Connection) {
        keeper.cut(connection)
        connection.hangUp()
    }
}
