import Messages
import ZeroMQ

/// What a ``WorkerSession`` is there for: to compute, or to pass work on to others that do.
///
/// The session's thread alone calls it.
protocol SessionHandler: AnyObject {
    /// How many micro-shards can be computed at once, and by how many workers; none until it is ready.
    var strength: (threads: Int, workers: Int) { get }
    /// Whether it is kept aside until somebody is lost.
    var isSpare: Bool { get }
    /// Adds the sockets it waits for.
    func watch(with poller: inout Poller)
    /// Everything the run needs is at hand.
    func open(_ welcome: Welcome, _ context: WorkerContext, _ session: WorkerSession) throws
    /// The coordinator says something of its work.
    func hear(_ parcel: WireMessage, _ session: WorkerSession) throws
    /// Sees to whatever else has happened; called some times within a heartbeat's timeout.
    func turn(_ session: WorkerSession) throws
    /// The session has ended.
    func close(_ end: WorkerSession.End)
}
