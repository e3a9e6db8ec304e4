import Cluster
import Messages
import Tensors
import Training
import ZeroMQ

/// Process of a simulated cluster: a worker, or a relay with its network of workers.
///
/// It keeps its handler when it connects anew, as a process does.
final class SimulatedNode {
    let number: Int
    /// The relay to which it connects; nil for the coordinator.
    var relay: SimulatedNode?
    /// The network over which it is connected, and its connection.
    private(set) var connection: (link: SimulatedLink, client: InMemoryClient)?
    private(set) var session: WorkerSession?
    /// The time until which it handles nothing.
    var hungUntil = 0.0
    /// The time until which its threads are busy.
    var busyUntil = 0.0
    var isKilled = false
    private let settings: WorkerSettings
    private let handler: any SessionHandler
    private let computation: Computation

    /// The hash of every simulated machine's canary computation.
    static let canary = Digest(numerics.hash)!
    private static let numerics = Numerics.Fingerprint(
        coreName: "simulated", kernelWidth: 0, hash: Array(repeating: 0, count: 32))

    // The session creates the executor in a closure that may be called on any thread elsewhere; here
    // everything runs on the simulation's.
    private final class Computation: @unchecked Sendable {
        var executor: SyntheticExecutor?
        /// Number of the executor's results that the simulation has scheduled.
        var scheduled = 0
    }

    private init(
        _ number: Int, threads: Int, _ handler: any SessionHandler, _ computation: Computation,
        behind relay: SimulatedNode?
    ) {
        self.number = number
        self.handler = handler
        self.computation = computation
        self.relay = relay
        settings = WorkerSettings(
            address: .file(path: "simulated"), name: "\(number)", threads: threads,
            cache: "simulated"
        ) { _ in }
    }

    /// A worker.
    ///
    /// - Parameter secondsPerResult: the time that its threads take for a result on average.
    static func worker(
        _ number: Int, threads: Int, isStandby: Bool, _ plan: SyntheticPlan,
        secondsPerResult: Double, behind relay: SimulatedNode?
    ) -> SimulatedNode {
        let computation = Computation()
        let shape = plan.shape
        let shardTime = Duration.seconds(Double(shape.buckets + 2) * secondsPerResult)
        let run = ComputeRun(
            machine: WorkerMachine(
                shards: shape.shards, parts: plan.parts, exchanges: shape.exchanges,
                wire: shape.wire),
            shards: shape.shards, wire: shape.wire, statistics: plan.statistics
        ) { post in
            let executor = SyntheticExecutor(plan, shardTime: shardTime, post: post)
            (computation.executor, computation.scheduled) = (executor, 0)
            return executor
        }
        let handler = ComputeHandler(threads: threads, isStandby: isStandby) { _, _, completion in
            completion(.success(run))
        }
        return SimulatedNode(number, threads: threads, handler, computation, behind: relay)
    }

    /// A relay that listens over a network.
    static func relay(
        _ number: Int, over network: InMemoryNetwork, _ plan: SyntheticPlan,
        _ clock: MonotonicClock
    ) -> SimulatedNode {
        let run = RelayRun(
            shape: plan.shape, parts: plan.parts, statistics: plan.statistics,
            validator: plan.validator)
        let handler = RelayHandler(
            over: network.server, clock: clock, canary: canary, log: { _ in }
        ) { _, _, completion in completion(.success(run)) }
        return SimulatedNode(number, threads: 1, handler, Computation(), behind: nil)
    }

    /// The executor of its session, and how many results of it were begun since this was last called;
    /// nil if there is none.
    func takeNewResults() -> (SyntheticExecutor, Int)? {
        guard let executor = computation.executor else { return nil }
        let begun = Int(executor.progress) + executor.unfinished
        defer { computation.scheduled = begun }
        return (executor, begun - computation.scheduled)
    }

    /// Connects and begins a session.
    func connect(over link: SimulatedLink, _ clock: MonotonicClock) {
        let client = link.network.connect()
        link.clients[client.connection] = self
        connection = (link, client)
        let session = WorkerSession(
            settings, with: "the coordinator", over: client, clock: clock,
            numerics: Self.numerics, handler: handler)
        self.session = session
        do { try session.start() } catch { preconditionFailure("\(error)") }
    }

    /// Ends the session's connection, if it has not ended.
    func disconnect() {
        if let (link, client) = connection { link.cut(client.connection) }
        (connection, session) = (nil, nil)
    }
}
