import ZeroMQ

/// Connections of admitted workers, by worker and by route.
///
/// Roles, capacity, silence and work are the concern of ``Membership``.
struct Peers {
    /// The connection of a worker.
    struct Peer {
        let id: WorkerID
        let route: Route
        /// Nil if the transport does not know it.
        let connection: Connection?
        /// The worker as records name it (`host/name`), as the worker chooses.
        let name: String
        /// The name under which its key is listed, which it cannot choose; nil without keys.
        let key: String?
        /// Its authenticated key; nil without keys.
        let userID: String?
        /// The time of its admission.
        let admitted: Duration
        /// The bytes sent to it that it has not taken.
        let outstanding = OutstandingBytes()

        /// The same for one worker that connects several times, as far as that is known.
        var identity: String { "\(userID ?? "") \(name)" }

        /// The worker as events name it.
        var nameAndKey: String { key.map { "\(name), key \($0)" } ?? name }
    }

    private var idsByRoute: [Route: WorkerID] = [:]
    private var peers: [WorkerID: Peer] = [:]
    // Numbers are not used again: a late message must not count for another worker.
    private var nextID: WorkerID = 1

    /// All of them, by number.
    var all: [Peer] { peers.keys.sorted().map { peers[$0]! } }

    subscript(_ id: WorkerID) -> Peer? {
        get { peers[id] }
        set { peers[id] = newValue }
    }

    /// The worker of a connection.
    func id(on connection: Connection) -> WorkerID? {
        peers.values.first { $0.connection == connection }?.id
    }

    /// The worker at a route.
    func id(at route: Route) -> WorkerID? { idsByRoute[route] }

    /// Adds a worker.
    mutating func add(
        at caller: WorkerListener.Caller, name: String, key: String?, now: Duration
    ) -> Peer {
        let peer = Peer(
            id: nextID, route: caller.route, connection: caller.connection, name: name, key: key,
            userID: caller.userID, admitted: now)
        nextID += 1
        peers[peer.id] = peer
        idsByRoute[peer.route] = peer.id
        return peer
    }

    @discardableResult
    mutating func remove(_ id: WorkerID) -> Peer? {
        guard let peer = peers.removeValue(forKey: id) else { return nil }
        idsByRoute[peer.route] = nil
        return peer
    }
}
