import Datasets
package import Messages
package import Training
package import ZeroMQ

/// The parts of an opened run that a ``ComputeHandler`` works with.
package struct ComputeRun: Sendable {
    /// Creates an executor; `post` receives its results, on any thread.
    package typealias MakeExecutor =
        @Sendable (_ post: @escaping @Sendable (JobResult) -> Void) -> any ShardExecuting

    let machine: WorkerMachine
    let shards: Int
    let wire: GradientWire
    let statistics: StatisticsLayout
    let makeExecutor: MakeExecutor
    /// Sentences about the scans that were read so far.
    let remarks: @Sendable () -> [String]

    /// A run to compute for.
    ///
    /// - Parameters:
    ///   - machine: the worker's state machine, new.
    ///   - shards: micro-shards per step.
    ///   - wire: the precision of gradients in messages.
    ///   - statistics: the layout of normalisation statistics in messages.
    ///   - remarks: sentences about the scans that were read.
    package init(
        machine: WorkerMachine, shards: Int, wire: GradientWire, statistics: StatisticsLayout,
        remarks: @escaping @Sendable () -> [String] = { [] },
        makeExecutor: @escaping MakeExecutor
    ) {
        self.remarks = remarks
        self.machine = machine
        self.shards = shards
        self.wire = wire
        self.statistics = statistics
        self.makeExecutor = makeExecutor
    }

    /// The run of a worker's context, computed on a pool of threads.
    init(_ context: WorkerContext, on pool: ComputePool) {
        self.init(
            machine: context.machine, shards: context.shards, wire: context.wire,
            statistics: context.context.statistics,
            remarks: { context.training.source.remarks + context.validation.source.remarks }
        ) { context.executor(on: pool, post: $0) }
    }
}

/// Computes micro-shards and labels samples: the handler of a worker's session.
///
/// It connects the session's messages with a ``WorkerMachine`` and the machine's actions with an
/// executor.
package final class ComputeHandler: SessionHandler {
    /// Opens the run that a welcome describes, on any thread.
    package typealias OpenRun = (
        _ welcome: Welcome, _ scenes: SceneClient,
        _ completion: @escaping @Sendable (Result<ComputeRun, WorkerError>) -> Void
    ) -> Void

    private enum Event: Sendable {
        case opened(Result<ComputeRun, WorkerError>)
        case result(JobResult)
    }

    private struct Work {
        let run: ComputeRun
        var machine: WorkerMachine
        let executor: any ShardExecuting
    }

    private let threads: Int
    private let openRun: OpenRun
    private var inbox: Inbox<Event>?
    private var work: Work?
    /// Receives the remarks about scans when a session ends.
    private var log: @Sendable (String) -> Void = { _ in }

    // A standby worker that took a lost worker's place keeps it in later sessions: a restarted
    // coordinator would otherwise begin one worker short.
    package private(set) var isStandby: Bool

    /// A handler without a run.
    ///
    /// - Parameters:
    ///   - threads: the number of micro-shards computed at once.
    ///   - isStandby: whether the worker waits until another one is lost.
    package init(
        threads: Int, isStandby: Bool = false, openRun: @escaping OpenRun
    ) {
        self.threads = threads
        self.isStandby = isStandby
        self.openRun = openRun
    }

    /// A handler that computes on a pool of threads.
    convenience init(on pool: ComputePool, isStandby: Bool, opener: ContextOpener) {
        self.init(threads: pool.threads, isStandby: isStandby) { welcome, scenes, completion in
            opener.open(welcome, scenes: scenes) { result in
                completion(result.map { ComputeRun($0, on: pool) })
            }
        }
        log = opener.settings.log
    }

    package var capacity: (threads: Int, workers: Int) { (threads, work == nil ? 0 : 1) }

    package var progress: UInt64 { work?.executor.progress ?? 0 }

    package func watch(with poller: inout Poller) {}

    package func open(_ welcome: Welcome, scenes: SceneClient, _ session: WorkerSession) {
        let inbox = Inbox<Event>(wake: session.wake)
        self.inbox = inbox
        openRun(welcome, scenes) { inbox.post(.opened($0)) }
    }

    package func receive(_ message: WireMessage, _ session: WorkerSession) throws {
        guard let work, let event = try WorkerMachine.Event(message, shards: work.run.shards)
        else { return }
        if isStandby, event.isWork {
            isStandby = false
            work.executor.leaveStandby()
            session.settings.log("takes the place of a lost worker")
        }
        try handle(event, session)
    }

    package func turn(_ session: WorkerSession) throws {
        for event in inbox?.drain() ?? [] {
            switch event {
            case .opened(.success(let run)): try begin(run, session)
            case .opened(.failure(let error)): try session.fail("\(error)")
            case .result(.failure(let reason)): try session.fail(reason)
            case .result(.divergence(let reason)): try session.fail(reason, isDivergence: true)
            case .result(.event(let event)): try handle(event, session)
            }
        }
    }

    package func close(_ end: WorkerSession.End) {
        for remark in work?.run.remarks() ?? [] { log(remark) }
        work = nil
        inbox = nil
    }

    private func begin(_ run: ComputeRun, _ session: WorkerSession) throws {
        guard let inbox else { return }
        work = Work(
            run: run, machine: run.machine,
            executor: run.makeExecutor { inbox.post(.result($0)) })
        try session.sendHeartbeat()
    }

    private func handle(_ event: WorkerMachine.Event, _ session: WorkerSession) throws {
        guard let actions = work?.machine.handle(event), let work else { return }
        for action in actions where !work.executor.execute(action) {
            if let message = WireMessage(action, work.run.wire, work.run.statistics) {
                try session.send(message)
            }
        }
    }
}
