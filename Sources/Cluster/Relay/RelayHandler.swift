import Distillation
package import Messages
import Training
package import ZeroMQ

/// Session handler of a relay: leases what it is leased to workers of its own, and sends up sums.
///
/// To the coordinator above it is a worker, to the workers below a coordinator: it connects a
/// ``WorkerSession`` and a ``WorkerService`` with a ``RelayMachine``.
package final class RelayHandler: SessionHandler {
    /// Opens the run that a welcome describes, on any thread.
    package typealias OpenRun = (
        _ welcome: Welcome, _ scenes: SceneClient,
        _ completion: @escaping @Sendable (Result<RelayRun, WorkerError>) -> Void
    ) -> Void

    /// A run that was opened, and the welcome that describes it.
    private struct Opened: Sendable {
        let welcome: Welcome
        let run: RelayRun
    }

    private let service: WorkerService
    private let clock: MonotonicClock
    private let openRun: OpenRun
    private let log: (String) -> Void
    /// The result of opening the run, posted by the opening thread.
    private var opened: Inbox<Result<Opened, WorkerError>>?
    /// The hash of this relay's canary computation, which is the run's: it would not be admitted
    /// otherwise.
    private let canary: String
    private var run: RelayRun?
    private var machine: RelayMachine?
    private var lastTick: Duration
    /// The capacity that the latest heartbeat stated above.
    private var announced = (threads: 0, workers: 0)
    /// Sums to send above at the session's next opportunity.
    private var sums: [WireMessage] = []
    /// The reason why this relay cannot continue.
    private var failure: (reason: String, isDivergence: Bool)?
    /// The number of results that workers behind this relay have sent.
    package private(set) var progress: UInt64 = 0

    /// A relay that listens over a transport.
    ///
    /// - Parameters:
    ///   - canary: the hash of its canary computation.
    ///   - log: receives remarks for a person.
    package convenience init(
        over transport: any ServerTransport, clock: MonotonicClock, canary: Digest,
        log: @escaping (String) -> Void, openRun: @escaping OpenRun
    ) {
        let listener = WorkerListener(
            over: transport, limits: PeerLimits(), heartbeatTimeout: .seconds(5), clock: clock)
        self.init(
            WorkerService(listener, admitsOtherNumerics: false, clock: clock), clock: clock,
            canary: canary,
            log: log, openRun: openRun)
    }

    init(
        _ service: WorkerService, clock: MonotonicClock, canary: Digest,
        log: @escaping (String) -> Void, openRun: @escaping OpenRun
    ) {
        self.service = service
        self.clock = clock
        self.canary = "\(canary)"
        self.log = log
        self.openRun = openRun
        lastTick = clock.now
        service.delegate = self
    }

    /// The endpoint it listens at.
    var endpoint: Endpoint { service.listener.transport.endpoint }

    // MARK: Session

    // The workers behind a relay may be on standby; the relay itself always takes work.
    package let isStandby = false
    package var capacity: (threads: Int, workers: Int) {
        machine.map { ($0.threads, $0.workerCount) } ?? (0, 0)
    }

    package func watch(with poller: inout Poller) {
        service.listener.transport.watch(with: &poller)
    }

    package func open(_ welcome: Welcome, scenes: SceneClient, _ session: WorkerSession) {
        let opened = Inbox<Result<Opened, WorkerError>>(wake: session.wake)
        self.opened = opened
        openRun(welcome, scenes) { result in
            opened.post(result.map { Opened(welcome: welcome, run: $0) })
        }
    }

    private func begin(_ opened: Opened, _ session: WorkerSession) throws {
        let run = opened.run
        let assets = try run.makeAssets(session.wake)
        var welcome = opened.welcome
        welcome.dataDigest = assets.dataDigest
        self.run = run
        machine = RelayMachine(run.shape, heartbeatTimeout: session.timeout)
        service.listener.timeout = session.timeout
        service.open(
            WorkerService.Run(
                welcome: welcome, shape: run.shape, parts: run.parts, validator: run.validator,
                assets: assets),
            session: session.identity)
    }

    package func receive(_ message: WireMessage, _ session: WorkerSession) throws {
        guard let run,
            let event = try WorkerMachine.Event(message, shards: run.shape.shards)
        else { return }
        if case .bucket(let version, let index, _) = event {
            service.publish(message, .init(version: version, index: index))
        } else {
            perform(machine?.handle(fromAbove: event, at: clock.now))
        }
        try report(session)
    }

    package func turn(_ session: WorkerSession) throws {
        for result in opened?.drain() ?? [] {
            switch result {
            case .success(let run):
                try begin(run, session)
                try session.sendHeartbeat()
            case .failure(let error): try session.fail("\(error)")
            }
        }
        try service.receive { failure == nil }
        _ = service.listener.tick()
        if clock.now - lastTick > session.timeout / 20 {
            lastTick = clock.now
            handle(.tick, in: nil)
            if capacity.workers > 0 { try announceCapacity(session) }
        }
        try report(session)
    }

    /// Sends above the sums that are complete, and the first and last worker's coming and going.
    private func report(_ session: WorkerSession) throws {
        let messages = sums
        sums = []
        for message in messages { try session.send(message) }
        if let failure {
            try session.fail(failure.reason, isDivergence: failure.isDivergence)
        }
        if announced.workers > 0, capacity.workers == 0 {
            try session.leave("no worker is left behind this relay")
        } else if announced.workers == 0, capacity.workers > 0 {
            try announceCapacity(session)
        }
    }

    /// States above how many workers there are below.
    ///
    /// Changes are stated at ticks, however many workers come and go in between: a heartbeat each
    /// would be a flood.
    private func announceCapacity(_ session: WorkerSession) throws {
        guard capacity != announced else { return }
        announced = capacity
        try session.sendHeartbeat()
    }

    package func close(_ end: WorkerSession.End) {
        let message: any Message
        switch end {
        case .over(let reason): message = Stop(reason: reason)
        case .dismissed(let reason): message = Goodbye(reason: reason)
        case .left, .lost:
            // A message of another run than the workers' makes them connect anew.
            service.listener.session = (.none, 0)
            message = HeartbeatReply()
        }
        (run, machine) = (nil, nil)
        opened = nil
        service.close(WireMessage(message))
        service.listener.session = (.none, 0)
        sums = []
        announced = (0, 0)
    }

    // MARK: Machine

    private func perform(_ actions: [RelayMachine.Action]?) {
        for action in actions ?? [] {
            guard let run else { return }
            switch action {
            case .up(let action):
                if let message = WireMessage(action, run.shape.wire, run.statistics) {
                    sums.append(message)
                }
            case .down(let action): service.carryOut(action)
            case .failed(let reason, let isDivergence): failure = (reason, isDivergence)
            }
        }
    }
}

extension RelayHandler: WorkerServiceDelegate {
    var step: Int { machine?.step ?? -1 }
    func member(_ worker: WorkerID) -> Member? { machine?.member(worker) }
    var readyWorkers: Int { machine?.activeCount ?? 0 }

    func judgeNumerics(of hello: Hello) -> NumericsElection.Verdict {
        "\(hello.canary)" == canary ? .admit : .reject(expected: canary)
    }

    func answer(_ request: StatusRequest) -> WireMessage {
        WireMessage(Refusal(reason: "This is a relay: ask the coordinator for the run's status."))
    }

    func handle(_ event: CoordinatorMachine.Event, in message: WireMessage?) {
        switch event {
        case .contribution, .partial, .report, .evaluated: progress += 1
        default: break
        }
        perform(machine?.handle(fromBelow: event, at: clock.now))
    }

    func record(_ event: ClusterEvent) { log("\(event)") }
}
