import Distillation
import Messages
import Networks
import Tensors
import Training
import ZeroMQ

/// Session handler of a relay: leases what it is leased to workers of its own, and sends up sums.
///
/// To the coordinator above it is a worker, to the workers below a coordinator: it connects a
/// ``WorkerSession`` and a ``WorkerService`` with a ``RelayMachine``.
final class RelayHandler: SessionHandler {
    /// A run that was opened, and the welcome that describes it.
    private struct Opened: Sendable {
        let welcome: Welcome
        let context: WorkerContext
    }

    /// The properties of the open run.
    private struct Work {
        let shape: StepShape
        let statistics: StatisticsLayout
    }

    private let settings: RelaySettings
    private let service: WorkerService
    private let clock: MonotonicClock
    /// Opens the run's data and networks.
    private let opener: ContextOpener
    /// The result of opening the run, posted by the opening thread.
    private var opened: Inbox<Result<Opened, WorkerError>>?
    /// The hash of this relay's canary computation, which is the run's: it would not be admitted
    /// otherwise.
    private let canary: String
    private var work: Work?
    // Not part of `work`: a copy of that would make each change copy the machine's ledgers.
    private var machine: RelayMachine?
    private var lastTick: Duration
    /// The capacity that the latest heartbeat stated above.
    private var announced = (threads: 0, workers: 0)
    /// Sums to send above at the session's next opportunity.
    private var sums: [WireMessage] = []
    /// The reason why this relay cannot continue.
    private var failure: String?
    /// The number of results that workers behind this relay have sent.
    private(set) var progress: UInt64 = 0

    init(_ settings: RelaySettings, opener: ContextOpener) throws {
        self.settings = settings
        self.opener = opener
        clock = .system()
        lastTick = clock.now
        canary = "\(Digest(Numerics.fingerprint().hash)!)"
        service = WorkerService(
            try WorkerListener(
                settings.listener, heartbeatTimeout: .seconds(5),
                in: try Context(ioThreads: 2), clock: clock),
            admitsOtherNumerics: settings.admitsOtherNumerics)
        service.delegate = self
    }

    /// The endpoint it listens at.
    var endpoint: Endpoint { service.listener.transport.endpoint }

    // MARK: Session

    /// A relay always takes work: the workers behind it may be spares.
    let isSpare = false
    var capacity: (threads: Int, workers: Int) {
        machine.map { ($0.threads, $0.workers) } ?? (0, 0)
    }

    func watch(with poller: inout Poller) { service.listener.transport.watch(with: &poller) }

    func open(_ welcome: Welcome, scenes: SceneClient, _ session: WorkerSession) {
        let opened = Inbox<Result<Opened, WorkerError>>(wake: session.wake)
        self.opened = opened
        opener.open(welcome, scenes: scenes) { result in
            opened.post(result.map { Opened(welcome: welcome, context: $0) })
        }
    }

    private func begin(_ run: Opened, _ session: WorkerSession) throws {
        let (opened, context) = (run.context, run.context.context)
        let shape = StepShape(
            shards: opened.shards, buckets: context.layout.buckets.count,
            exchanges: context.objectives.exchanges, wire: opened.wire)
        let teacher = try run.welcome.teacherDigest.flatMap {
            try CachedAsset($0, at: TeacherDownload.path(of: $0, in: settings.above.cache))
        }
        let assets = try AssetService(teacher: teacher, wake: session.wake) { post in
            // Workers below fetch scans if this relay does, which fetches each once from above.
            try run.welcome.dataDigest.map { _ in
                try SceneServer(
                    training: opened.data.training, validation: opened.data.validation,
                    threads: 4, post: post)
            }
        }
        var welcome = run.welcome
        welcome.dataDigest = assets.dataDigest
        work = Work(shape: shape, statistics: context.statistics)
        machine = RelayMachine(shape, heartbeatTimeout: session.timeout)
        service.listener.timeout = session.timeout
        service.open(
            WorkerService.Run(
                welcome: welcome, shape: shape, parts: opened.parts,
                validator: ResultValidator(
                    opened.recipe, shape, layout: context.layout, statistics: context.statistics,
                    classes: context.student.classes),
                assets: assets),
            session: session.identity)
    }

    func receive(_ message: WireMessage, _ session: WorkerSession) throws {
        guard let shape = work?.shape,
            let event = try WorkerMachine.Event(message, shards: shape.shards)
        else { return }
        if case .bucket(let version, let index, _) = event {
            service.publish(message, .init(version: version, index: index))
        } else {
            perform(machine?.hear(fromAbove: event, at: clock.now))
        }
        try report(session)
    }

    func turn(_ session: WorkerSession) throws {
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
        if let failure { try session.fail(failure) }
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

    func close(_ end: WorkerSession.End) {
        let message: any Message
        switch end {
        case .over(let reason): message = Stop(reason: reason)
        case .dismissed(let reason): message = Goodbye(reason: reason)
        case .left, .lost:
            // A message of another run than the workers' makes them connect anew.
            service.listener.session = (.none, 0)
            message = HeartbeatReply()
        }
        (work, machine) = (nil, nil)
        opened = nil
        service.close(WireMessage(message))
        service.listener.session = (.none, 0)
        sums = []
        announced = (0, 0)
    }

    // MARK: Machine

    private func perform(_ actions: [RelayMachine.Action]?) {
        for action in actions ?? [] {
            guard let work else { return }
            switch action {
            case .up(let action):
                if let message = WireMessage(action, work.shape.wire, work.statistics) {
                    sums.append(message)
                }
            case .down(let action): service.carryOut(action)
            case .failed(let reason): failure = reason
            }
        }
    }
}

extension RelayHandler: WorkerServiceDelegate {
    var step: Int { machine?.step ?? -1 }
    var readyWorkers: Int { machine?.present ?? 0 }

    func numericsMismatch(of hello: Hello) -> NumericsMismatch? {
        hello.numericsMismatch(expecting: canary)
    }

    func answer(_ request: StatusRequest) -> WireMessage {
        WireMessage(Refusal(reason: "This is a relay: ask the coordinator for the run's status."))
    }

    func handle(_ event: CoordinatorMachine.Event, in message: WireMessage?) {
        switch event {
        case .contribution, .partial, .report, .evaluated: progress += 1
        default: break
        }
        perform(machine?.hear(fromBelow: event, at: clock.now))
    }

    func record(_ event: ClusterEvent) { settings.above.log("\(event)") }
}
