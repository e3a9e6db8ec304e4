public import ZeroMQ

/// How a relay is started.
public struct RelaySettings: Sendable {
    /// How it calls those above it: as a worker does.
    public var above: WorkerSettings
    /// How it receives those below it: as a coordinator does.
    public var reception: ReceptionSettings
    /// Whether workers that compute other bits are refused, or only named.
    public var admitsOtherNumerics: Bool

    /// Settings of a relay.
    public init(
        above: WorkerSettings, reception: ReceptionSettings, admitsOtherNumerics: Bool = false
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
public final class RelayServer {
    private let relaying: Relaying
    private let client: WorkerClient

    /// Listens; nobody is called yet.
    public init(_ settings: RelaySettings) throws {
        var above = settings.above
        // It computes nothing, and looks at no files of the data: scans come from above.
        above.threads = 1
        above.streams = true
        relaying = try Relaying(settings)
        client = try WorkerClient(above, ComputePool(threads: 1), relaying)
    }

    /// Where others find it.
    public var address: Endpoint { relaying.endpoint.published(as: nil) }

    /// Relays until the run is over, or this relay or its coordinator is asked to leave it.
    ///
    /// Throws ``WorkerError`` if the coordinator refuses the relay or stays away too long.
    public func run() throws -> WorkerClient.End { try client.run() }
}
