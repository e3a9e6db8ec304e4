package import Messages
package import ZeroMQ

/// The work of a ``WorkerSession``: computing, or relaying work to other workers.
///
/// Only the session's thread calls it.
package protocol SessionHandler: AnyObject {
    /// The number of micro-shards computed at once, and of workers that compute them; no workers
    /// until the run is open.
    var capacity: (threads: Int, workers: Int) { get }
    /// The number of phases of micro-shards finished in this session.
    var progress: UInt64 { get }
    /// Whether the handler waits for work until a worker is lost.
    var isStandby: Bool { get }
    /// Adds the sockets that the session's thread must also wait for.
    func watch(with poller: inout Poller)
    /// Starts opening the run that a welcome describes; the teacher's weights are in the cache.
    ///
    /// Opening must not block: heartbeats continue meanwhile.
    func open(_ welcome: Welcome, scenes: SceneClient, _ session: WorkerSession) throws
    /// Handles a message about the run's work.
    func receive(_ message: WireMessage, _ session: WorkerSession) throws
    /// Handles everything else that has happened; called several times per heartbeat timeout.
    func turn(_ session: WorkerSession) throws
    /// Releases what belongs to the session, which has ended.
    func close(_ end: WorkerSession.End)
}
