import Messages
import OpenBLAS
import Tensors
package import ZeroMQ

/// Settings of a ``RelayServer``.
package struct RelaySettings: Sendable {
    /// Its settings as a worker of the coordinator above.
    package var above: WorkerSettings
    /// Address, keys and limits for workers below.
    package var listener: ListenerSettings
    /// Whether workers that compute other bits are admitted, with a warning.
    package var admitsOtherNumerics: Bool

    /// Settings of a relay.
    package init(
        above: WorkerSettings, listener: ListenerSettings, admitsOtherNumerics: Bool = false
    ) {
        self.above = above
        self.listener = listener
        self.admitsOtherNumerics = admitsOtherNumerics
    }
}

/// Relay between a coordinator and workers: a worker to the one, a coordinator to the others.
///
/// It leases what it is leased to its workers and sends up the sums of whole sub-trees; weights and
/// data pass through it once. It stores nothing that a run needs: when it ends, the run loses only
/// the micro-shards that it holds.
package final class RelayServer {
    private let handler: RelayHandler
    private let client: WorkerClient

    /// Listens; the coordinator is not called yet.
    package init(_ settings: RelaySettings) throws {
        var above = settings.above
        // It computes nothing, and must not read files of the data that differ from the coordinator's.
        above.threads = 1
        above.streams = true
        let pool = ComputePool(threads: 1)
        let numerics = Numerics.fingerprint()
        let opener = ContextOpener(settings: above, pool: pool, numerics: numerics)
        let clock = MonotonicClock.system()
        let listener = try WorkerListener(
            settings.listener, heartbeatTimeout: .seconds(5), in: try Context(ioThreads: 2),
            clock: clock)
        handler = RelayHandler(
            WorkerService(
                listener, admitsOtherNumerics: settings.admitsOtherNumerics, clock: clock),
            clock: clock, canary: Digest(numerics.hash)!, log: above.log
        ) { [cache = above.cache] welcome, scenes, completion in
            opener.open(welcome, scenes: scenes) { result in
                completion(result.map { RelayRun($0, welcome, cache: cache) })
            }
        }
        client = try WorkerClient(above, pool, numerics, handler)
    }

    /// The address at which workers find it.
    package var address: Endpoint { handler.endpoint.published(as: nil) }

    /// Relays until the run is over, or this relay or its coordinator is asked to leave it.
    ///
    /// Throws ``WorkerError`` if the coordinator rejects the relay or is away for too long.
    package func run() throws -> WorkerClient.End { try client.run() }
}
