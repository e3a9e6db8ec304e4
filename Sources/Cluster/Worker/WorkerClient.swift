import Foundation
import OpenBLAS
import Tensors
import ZeroMQ

/// A worker: finds its coordinator, takes part in its run, and calls again if the coordinator is lost
/// and returns.
///
/// It owns no state of the run: its end at any moment costs only the micro-shards leased to it.
package final class WorkerClient {
    private var settings: WorkerSettings
    private let context: Context
    private let pool: ComputePool
    private let numerics: Numerics.Fingerprint
    private let handler: any SessionHandler
    private let clock = MonotonicClock.system()

    /// A worker that has not called yet.
    package convenience init(_ settings: WorkerSettings) throws {
        let pool = ComputePool(threads: settings.threads, isStandby: settings.isStandby)
        let numerics = Numerics.fingerprint()
        let opener = ContextOpener(settings: settings, pool: pool, numerics: numerics)
        try self.init(
            settings, pool, numerics,
            ComputeHandler(on: pool, isStandby: settings.isStandby, opener: opener))
    }

    /// A client with the handler of a worker or of a relay.
    ///
    /// - Parameter pool: the threads on which the handler opens a run.
    init(
        _ settings: WorkerSettings, _ pool: ComputePool, _ numerics: Numerics.Fingerprint,
        _ handler: any SessionHandler
    ) throws {
        self.settings = settings
        self.pool = pool
        self.numerics = numerics
        self.handler = handler
        context = try Context()
    }

    deinit { pool.close() }

    /// The end of a worker.
    package struct End: Sendable {
        /// The reason, in a few words.
        package var reason: String
        /// Whether the run is over; if not, the same worker may be started for it again.
        package var isRunOver: Bool
    }

    /// Works until the run is over, or until the worker or its coordinator is asked to leave.
    ///
    /// Throws ``WorkerError`` if the coordinator rejects the worker or is absent for too long.
    package func run() throws -> End {
        var policy = ReconnectPolicy(timeout: settings.timeout, at: clock.now)
        while true {
            if let reason = settings.stop.reason {
                return End(reason: "\(reason) before the first step", isRunOver: false)
            }
            settings.pulse()
            switch try runSession() {
            case .over(let reason): return End(reason: reason, isRunOver: true)
            case .left(let reason), .dismissed(let reason):
                return End(reason: reason, isRunOver: false)
            case .lost(let reason, let wasWelcomed):
                // Their results would be for a coordinator that no longer expects them.
                pool.clear()
                if wasWelcomed {
                    policy.wasConnected(at: clock.now)
                    settings.log("\(reason); calling again")
                }
                let delay = policy.nextDelay(at: clock.now, share: .random(in: 0.3...1))
                guard let delay else { throw absence }
                Thread.sleep(forTimeInterval: delay)
            }
        }
    }

    private var absence: WorkerError {
        WorkerError(
            "The coordinator at \(settings.address) was absent for \(settings.timeout): start it, "
                + "or check the address and "
                + (settings.security.usesCurve
                    ? "that it allows this worker's key and --server is its own."
                    : "whether it asks for keys (--key and --server)."))
    }

    /// Runs one session, if the coordinator's address is known.
    private func runSession() throws -> WorkerSession.End {
        guard let endpoint = try settings.address.current() else {
            return .lost("\(settings.address) does not exist", wasWelcomed: false)
        }
        if let reloadKeys = settings.reloadKeys {
            // Key files that are being replaced may be incomplete now; the next call reads them again.
            do { settings.security = try reloadKeys() } catch { settings.log("\(error)") }
        }
        let waker = try Waker()
        let transport = try DealerTransport(to: endpoint, security: settings.security, in: context)
        let session = WorkerSession(
            settings, with: "\(endpoint)", over: transport, clock: clock, numerics: numerics,
            handler: handler, wake: { [waker] in waker.wake() })
        defer { session.close() }
        var poller = Poller(waker: waker)
        transport.watch(with: &poller)
        handler.watch(with: &poller)
        try session.start()
        while session.end == nil {
            _ = try poller.wait(upTo: session.timeout / 10)
            try session.turn()
        }
        return session.end!
    }
}
