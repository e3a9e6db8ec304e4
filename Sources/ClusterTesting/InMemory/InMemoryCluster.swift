package import Cluster
import Messages
import OpenBLAS
import Synchronization
import Tensors
package import ZeroMQ

/// A coordinator and workers in memory: the production driver and sessions over an
/// ``InMemoryNetwork`` and a ``ManualClock``.
///
/// Nothing happens by itself: ``turn(advancing:)`` moves the clock, delivers messages and lets each
/// party have its turn. A test that delays, repeats or drops messages does so between two turns.
package final class InMemoryCluster {
    /// A worker: its session, and how it behaves.
    package final class Worker {
        /// Its session.
        package let session: WorkerSession
        /// Its connection.
        package let connection: Connection
        /// Whether it neither sends nor receives anything.
        package var isSilent = false
        /// The reason why its process has ended; nil while it runs.
        package fileprivate(set) var failure: WorkerError?
        /// Whether it answers, but its computation hangs.
        package var isWedged = false
        fileprivate let executor: ExecutorHolder

        fileprivate init(
            _ session: WorkerSession, _ connection: Connection, _ executor: ExecutorHolder
        ) {
            self.session = session
            self.connection = connection
            self.executor = executor
        }
    }

    // The session creates the executor in a closure that other executors call on threads; here
    // everything runs on the test's.
    fileprivate final class ExecutorHolder: @unchecked Sendable {
        var executor: SyntheticExecutor?
    }

    private final class EventLog: Sendable {
        let events = Mutex<[RunEvent]>([])
    }

    /// The network between them.
    package let network: InMemoryNetwork
    /// The clock that all parties read.
    package let clock = ManualClock()
    /// The state of the run.
    package let run: SyntheticRun
    /// The coordinator.
    package let driver: CoordinatorDriver
    /// The workers that have connected, in order.
    package private(set) var workers: [Worker] = []
    /// The workers that do not do what they are asked to.
    package var hostile: [HostileWorker] = []
    /// Connections whose clients receive nothing: messages to them stay in the network.
    package var unread: Set<Connection> = []
    private let plan: SyntheticPlan
    private let log = EventLog()
    private static let numerics = Numerics.fingerprint()

    /// A coordinator without workers, which begins.
    ///
    /// - Parameters:
    ///   - disk: the checkpoints; nil for a new run.
    ///   - assets: the files that workers may fetch.
    package init(
        _ plan: SyntheticPlan, minimumWorkers: Int = 1, disk: SyntheticRun.Disk? = nil,
        assets: AssetService = AssetService()
    ) {
        self.plan = plan
        network = InMemoryNetwork()
        run = SyntheticRun(plan, on: disk ?? SyntheticRun.Disk(plan))
        var settings = CoordinatorDriver.Settings(
            address: network.server.endpoint, canary: "\(Digest(Self.numerics.hash)!)")
        settings.minimumWorkers = minimumWorkers
        driver = CoordinatorDriver(
            run, over: network.server, assets: assets, settings, clock: clock.reading
        ) { [log] event in log.events.withLock { $0.append(event) } }
        driver.begin()
    }

    /// The events that the coordinator has recorded.
    package var events: [RunEvent] { log.events.withLock { $0 } }

    /// The changes of workers and of the trust in them that the coordinator has recorded.
    package var clusterEvents: [ClusterEvent] {
        events.compactMap { if case .cluster(let event) = $0 { event } else { nil } }
    }

    /// Connects a worker.
    @discardableResult
    package func join(
        _ name: String = "worker", threads: Int = 1, isStandby: Bool = false
    ) throws -> Worker {
        let client = network.connect()
        let holder = ExecutorHolder()
        let plan = plan
        let handler = ComputeHandler(threads: threads, isStandby: isStandby) { _, _, completion in
            completion(
                .success(
                    ComputeRun(
                        machine: WorkerMachine(
                            shards: plan.shape.shards, parts: plan.parts,
                            exchanges: plan.shape.exchanges, wire: plan.shape.wire),
                        shards: plan.shape.shards, wire: plan.shape.wire,
                        statistics: plan.statistics
                    ) { post in
                        let executor = SyntheticExecutor(plan, post: post)
                        holder.executor = executor
                        return executor
                    }))
        }
        let session = WorkerSession(
            WorkerSettings(
                address: .endpoint(network.server.endpoint), name: name, threads: threads,
                isStandby: isStandby, cache: "/nonexistent", log: { _ in }),
            with: "the coordinator", over: client, clock: clock.reading,
            numerics: Self.numerics, handler: handler)
        let worker = Worker(session, client.connection, holder)
        workers.append(worker)
        try session.start()
        return worker
    }

    /// Moves the clock, delivers every message, and lets the coordinator and then each worker have a
    /// turn, in which it finishes one result.
    package func turn(advancing time: Duration = .milliseconds(1)) throws {
        clock.advance(to: clock.now + time)
        deliver()
        if driver.ending == nil { try driver.turn() }
        deliver()
        for worker in workers where !worker.isSilent && worker.session.end == nil {
            if !worker.isWedged { worker.executor.executor?.finishNext() }
            do {
                try worker.session.turn()
            } catch let error as WorkerError {
                // Its process ends, and with it the connection, once its last message has arrived.
                worker.failure = error
                worker.isSilent = true
                deliver(from: worker.connection)
                network.cut(worker.connection)
            }
        }
        for worker in hostile { try worker.turn(at: clock.now) }
    }

    private func deliver(from connection: Connection) {
        for message in network.messages
        where message.connection == connection && message.receiver == .server {
            network.deliver(message.number)
        }
    }

    /// Delivers messages, except those from and to silent workers.
    private func deliver() {
        let silent = Set(workers.filter(\.isSilent).map(\.connection))
        for message in network.messages where !silent.contains(message.connection) {
            if message.receiver == .client, unread.contains(message.connection) { continue }
            network.deliver(message.number)
        }
    }

    /// Lets everyone have turns until a condition holds.
    ///
    /// Throws ``LiveError`` if the run ends before, or after too many turns.
    package func turn(
        advancing time: Duration = .milliseconds(1), limit: Int = 100_000,
        until holds: () -> Bool
    ) throws {
        for _ in 0..<limit {
            if holds() { return }
            guard driver.ending == nil else { break }
            try turn(advancing: time)
        }
        let remark = events.reversed().lazy.compactMap { event -> String? in
            if case .diagnostic(let diagnostic) = event { "\(diagnostic)" } else { nil }
        }.first
        throw LiveError(
            "The condition does not hold at \(clock.now), after step \(run.version); the latest remark: "
                + (remark ?? "none") + "; "
                + clusterEvents.suffix(4).map { "\($0)" }.joined(separator: " | "))
    }

    /// Lets everyone have turns until the run has ended.
    package func finish(advancing time: Duration = .milliseconds(1)) throws {
        try turn(advancing: time, until: { driver.ending != nil })
    }
}
