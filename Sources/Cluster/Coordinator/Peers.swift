import Telemetry
import Training
import ZeroMQ

/// The workers a coordinator is connected to, by the routing id of their connection.
struct Peers {
    /// What is known of one.
    struct Peer {
        let id: WorkerID
        let route: Frame
        /// The connection it came over.
        let connection: Connection?
        /// What records call it: `host/name`.
        let name: String
        var threads: Int
        /// Workers it stands for: itself, or those behind a relay.
        var workers = 1
        /// Who the ZAP handler says it is.
        let userID: String?
        let admitted: ContinuousClock.Instant
        var isReady = false
        /// Whether it is kept aside until somebody is lost.
        var isSpare = false
        var lastHeard: ContinuousClock.Instant
        /// What it spent on the step at hand.
        var times = ShardTimes()
        /// What its process has asked of its system.
        var memory = MemoryUse()
    }

    private var byRoute: [[UInt8]: WorkerID] = [:]
    private var peers: [WorkerID: Peer] = [:]
    private var next: WorkerID = 1

    /// All of them, by number.
    var all: [Peer] { peers.keys.sorted().map { peers[$0]! } }

    subscript(_ id: WorkerID) -> Peer? {
        get { peers[id] }
        set { peers[id] = newValue }
    }

    /// The worker that came over a connection.
    func id(on connection: Connection) -> WorkerID? {
        peers.values.first { $0.connection == connection }?.id
    }

    func id(at route: Frame) -> WorkerID? { byRoute[route.bytes] }

    mutating func admit(
        at route: Frame, on connection: Connection?, name: String, threads: Int, userID: String?
    ) -> Peer {
        let now = ContinuousClock.now
        let peer = Peer(
            id: next, route: route, connection: connection, name: name, threads: threads,
            userID: userID, admitted: now, lastHeard: now)
        next += 1
        peers[peer.id] = peer
        byRoute[route.bytes] = peer.id
        return peer
    }

    @discardableResult
    mutating func remove(_ id: WorkerID) -> Peer? {
        guard let peer = peers.removeValue(forKey: id) else { return nil }
        byRoute[peer.route.bytes] = nil
        return peer
    }
}
