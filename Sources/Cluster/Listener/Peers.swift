import ZeroMQ

/// Connections of admitted workers, by worker and by route.
///
/// Roles, work and speed are the concern of the state machine; here stands what only the connection
/// tells.
struct Peers {
    /// The connection of a worker.
    struct Peer {
        let id: WorkerID
        let route: Route
        /// Nil if the transport does not know it.
        let connection: Connection?
        /// The worker as records name it: `host/name`.
        let name: String
        /// Its authenticated key; nil without keys.
        let userID: String?
        /// The time of its admission.
        let admitted: Duration
        /// The time of its latest message.
        var lastReceived: Duration
        /// The capacity that its latest heartbeat stated; nil before it is ready.
        var capacity: Capacity?
        /// The number of threads that its hello stated.
        let threads: Int

        /// Whether it takes work.
        var isReady: Bool { capacity != nil }
    }

    /// Micro-shards that a worker, or the workers behind a relay, can compute at once.
    struct Capacity: Equatable {
        let threads: Int
        /// Workers: one, or those behind a relay.
        let workers: Int
        /// Whether it waits until another worker is lost.
        let isSpare: Bool
    }

    private var idsByRoute: [Route: WorkerID] = [:]
    private var peers: [WorkerID: Peer] = [:]
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
        at caller: WorkerListener.Caller, name: String, threads: Int, now: Duration
    ) -> Peer {
        let peer = Peer(
            id: nextID, route: caller.route, connection: caller.connection, name: name,
            userID: caller.userID, admitted: now, lastReceived: now, threads: threads)
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
