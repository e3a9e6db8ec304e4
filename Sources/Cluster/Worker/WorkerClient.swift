import Foundation
import Messages
import Tensors
import Training
package import ZeroMQ

/// How a worker is started.
package struct WorkerSettings: Sendable {
    /// Where the coordinator listens.
    package var address: CoordinatorAddress
    /// Who the coordinator is, and how it knows this worker.
    package var security: Security
    /// Reads its keys anew each time it calls, so that keys can be replaced while it goes on; nil:
    /// they stay as they are.
    package var keysAnew: (@Sendable () throws -> Security)?
    /// What records call this worker.
    package var name: String
    /// Micro-shards computed at once.
    package var threads: Int
    /// Where fetched teachers and scans are kept.
    package var cache: String
    /// How many bytes of scans are kept there.
    package var cacheLimit: Int
    /// Whether it is kept aside until somebody is lost; its threads then run when nobody else on the
    /// machine wants to.
    package var isSpare: Bool
    /// Whether scans come from the coordinator even if there are files of them here.
    package var streams: Bool
    /// How long a coordinator may be away before the worker gives up.
    package var patience: Duration
    /// Asks the worker to leave.
    package var stop: StopRequest
    /// Told, at most some times a second, that the worker hears its coordinator or calls it.
    package var pulse: @Sendable () -> Void
    /// Where sentences for a person go.
    package var log: @Sendable (String) -> Void

    /// Bytes of scans that are kept where nothing is said.
    package static let standardCacheLimit = 20_000_000_000

    /// Settings of a worker.
    package init(
        address: CoordinatorAddress, security: Security = .none, name: String, threads: Int = 1,
        isSpare: Bool = false, cache: String, cacheLimit: Int = standardCacheLimit,
        streams: Bool = false,
        patience: Duration = .seconds(120), stop: StopRequest = StopRequest(),
        pulse: @escaping @Sendable () -> Void = {}, log: @escaping @Sendable (String) -> Void
    ) {
        self.address = address
        self.security = security
        self.name = name
        self.threads = threads
        self.isSpare = isSpare
        self.cache = cache
        self.cacheLimit = cacheLimit
        self.streams = streams
        self.patience = patience
        self.stop = stop
        self.pulse = pulse
        self.log = log
    }
}

/// A worker's life: find the coordinator, be welcomed, compute what is leased, start over when the
/// coordinator has gone and come back.
///
/// It owns nothing: whenever it ends, and however, the run loses only the micro-shards in its hands.
package final class WorkerClient {
    private var settings: WorkerSettings
    private let context: Context
    private let pool: ComputePool
    private let numerics: Numerics.Fingerprint
    private let trade: any SessionHandler

    /// A worker that has not called anyone yet.
    package convenience init(_ settings: WorkerSettings) throws {
        let pool = ComputePool(threads: settings.threads, standsBack: settings.isSpare)
        try self.init(settings, pool, ComputeHandler(on: pool, isSpare: settings.isSpare))
    }

    /// Whoever else calls a coordinator as a worker does.
    ///
    /// - Parameter pool: where it prepares.
    init(_ settings: WorkerSettings, _ pool: ComputePool, _ trade: any SessionHandler) throws {
        self.settings = settings
        self.pool = pool
        self.trade = trade
        context = try Context()
        numerics = Numerics.fingerprint()
    }

    deinit { pool.close() }

    /// Why a worker's life ended.
    package struct End: Sendable {
        /// In a few words.
        package var reason: String
        /// Whether the run is over; if not, the same worker may come back to it.
        package var isRunOver: Bool
    }

    /// Works until the run is over, or the worker or its coordinator is asked to leave it.
    ///
    /// Throws ``WorkerError`` if the coordinator refuses the worker or stays away too long.
    package func run() throws -> End {
        var attempt = 0
        var lastSeen = ContinuousClock.now
        var jitter = SystemRandomNumberGenerator()
        while true {
            if let reason = settings.stop.reason {
                return End(reason: "\(reason) before it had begun", isRunOver: false)
            }
            settings.pulse()
            switch try session() {
            case .over(let reason): return End(reason: reason, isRunOver: true)
            case .left(let reason), .dismissed(let reason):
                return End(reason: reason, isRunOver: false)
            case .lost(let reason, let wasWelcomed):
                pool.clear()
                if wasWelcomed {
                    lastSeen = .now
                    attempt = 0
                    settings.log("\(reason); calling again")
                }
                guard ContinuousClock.now - lastSeen < settings.patience else {
                    throw WorkerError(
                        "The coordinator at \(settings.address) was not there for "
                            + "\(settings.patience): start it, or check the address and "
                            + (settings.security.usesCurve
                                ? "that it allows this worker's key and --server is its own."
                                : "whether it asks for keys (--key and --server)."))
                }
                attempt += 1
                let longest = min(Double(1 << min(attempt, 5)) * 0.1, 2)
                Thread.sleep(forTimeInterval: Double.random(in: 0.3...1, using: &jitter) * longest)
            }
        }
    }

    /// One connection, if it is known where to.
    private func session() throws -> WorkerSession.End {
        guard let endpoint = try settings.address.current() else {
            return .lost("\(settings.address) is not there", wasWelcomed: false)
        }
        if let keysAnew = settings.keysAnew {
            // Files that are being replaced are whole again when it calls next.
            do { settings.security = try keysAnew() } catch { settings.log("\(error)") }
        }
        let session = try WorkerSession(
            settings, at: endpoint, context: context, pool: pool, numerics: numerics,
            trade: trade)
        return try session.run()
    }
}
