import Tensors
package import ZeroMQ

/// How a relay is started.
package struct RelaySettings: Sendable {
    /// How it calls those above it: as a worker does.
    package var above: WorkerSettings
    /// How it receives those below it: as a coordinator does.
    package var reception: ListenerSettings
    /// Whether workers that compute other bits are refused, or only named.
    package var admitsOtherNumerics: Bool

    /// Settings of a relay.
    package init(
        above: WorkerSettings, reception: ListenerSettings, admitsOtherNumerics: Bool = false
    ) {
        self.above = above
        self.reception = reception
        self.admitsOtherNumerics = admitsOtherNumerics
    }
}

/// A relay between a coordinator and workers: a worker to the one, a coordinator to the others.
///
/// What it is leased it shares among its workers, and sends up the sums of whole sub-trees; weights
/// and data pass through it once and are handed on from there. It owns nothing: whenever it ends, and
/// however, the run loses only the micro-shards in its hands.
package final class RelayServer {
    private let relaying: RelayHandler
    private let client: WorkerClient

    /// Listens; nobody is called yet.
    package init(_ settings: RelaySettings) throws {
        var above = settings.above
        // It computes nothing, and looks at no files of the data: scans come from above.
        above.threads = 1
        above.streams = true
        let pool = ComputePool(threads: 1)
        let numerics = Numerics.fingerprint()
        relaying = try RelayHandler(
            settings, opener: ContextOpener(settings: above, pool: pool, numerics: numerics))
        client = try WorkerClient(above, pool, numerics, relaying)
    }

    /// Where others find it.
    package var address: Endpoint { relaying.endpoint.published(as: nil) }

    /// Relays until the run is over, or this relay or its coordinator is asked to leave it.
    ///
    /// Throws ``WorkerError`` if the coordinator refuses the relay or stays away too long.
    package func run() throws -> WorkerClient.End { try client.run() }
}
