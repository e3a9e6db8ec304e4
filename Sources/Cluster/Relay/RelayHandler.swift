import Distillation
import Messages
import Networks
import Tensors
import Training
import ZeroMQ

/// A relay's trade: what it is leased it shares among the workers that call it, and what it passes up
/// are sums.
///
/// To those above it is a worker, to those below a coordinator: it has a ``WorkerSession`` and a
/// ``WorkerListener``, and between them a ``RelayMachine``.
final class RelayHandler: SessionHandler, WorkerListenerDelegate {
    /// What there is while the session is open.
    private struct Work {
        /// What those who are let in are told.
        let welcome: Welcome
        let shape: StepShape
        let statistics: StatisticsLayout
        let intake: ResultValidator
        let teacher: CachedAsset?
        let scenes: SceneServer?
        let replies: Inbox<SceneServer.Reply>
    }

    /// A run that was opened, and the welcome that describes it.
    private struct Opened: Sendable {
        let welcome: Welcome
        let context: WorkerContext
    }

    private let settings: RelaySettings
    private let reception: WorkerListener
    /// The fingerprint of this relay's numbers, which are the run's, or it would not be let in.
    private let canary: String
    private var work: Work?
    private var machine: RelayMachine?
    private var weights: WeightsStore<WireMessage>?
    private var lastTick = ContinuousClock.now
    /// Those who called before anything could be said to them.
    private var callers: [(hello: Hello, from: WorkerListener.Caller)] = []
    /// What was said above of those below.
    private var announced = (threads: 0, workers: 0)
    /// Opens the run's data and networks.
    private let opener: ContextOpener
    /// The result of opening the run, posted by the opening thread.
    private var opened: Inbox<Result<Opened, WorkerError>>?
    /// The number of results that workers behind this relay have sent.
    private(set) var progress: UInt64 = 0
    /// What is to be said above.
    private var sums: [WireMessage] = []
    /// Why this relay cannot go on.
    private var failure: String?

    init(_ settings: RelaySettings, opener: ContextOpener) throws {
        self.settings = settings
        self.opener = opener
        canary = "\(Digest(Numerics.fingerprint().hash)!)"
        reception = try WorkerListener(
            settings.reception, heartbeatTimeout: .seconds(5), in: try Context(ioThreads: 2))
        reception.host = self
    }

    /// Where it listens.
    var endpoint: Endpoint { reception.endpoint }

    func note(_ line: String) { settings.above.log(line) }

    func note(_ event: MembershipEvent) { settings.above.log("\(event)") }

    // MARK: Above

    /// A relay stands for others: those behind it may be spares.
    let isSpare = false
    var capacity: (threads: Int, workers: Int) {
        machine.map { ($0.threads, $0.workers) } ?? (0, 0)
    }

    func watch(with poller: inout Poller) {
        _ = poller.add(reception.socket)
        _ = poller.add(reception.door.monitor.socket)
    }

    func open(_ welcome: Welcome, scenes: SceneClient, _ session: WorkerSession) {
        let opened = Inbox<Result<Opened, WorkerError>>(wake: session.wake)
        self.opened = opened
        opener.open(welcome, scenes: scenes) { result in
            opened.post(result.map { Opened(welcome: welcome, context: $0) })
        }
    }

    private func begin(
        _ welcome: Welcome, _ workerContext: WorkerContext, _ session: WorkerSession
    ) throws {
        let context = workerContext.context
        let replies = Inbox<SceneServer.Reply>(wake: session.wake)
        // Scans that are not made are served as by a coordinator; that they come from one themselves
        // makes no difference.
        let scenes = try welcome.dataDigest.map { _ in
            try SceneServer(
                training: workerContext.data.training, validation: workerContext.data.validation,
                threads: 4
            ) { replies.post($0) }
        }
        var welcome = welcome
        welcome.dataDigest = scenes?.digest
        let shape = StepShape(
            shards: workerContext.shards, buckets: context.layout.buckets.count,
            exchanges: context.objectives.exchanges, wire: workerContext.wire)
        work = Work(
            welcome: welcome, shape: shape, statistics: context.statistics,
            intake: ResultValidator(
                recipe: workerContext.recipe, layout: context.layout,
                statistics: context.statistics,
                classes: context.student.classes),
            teacher: try welcome.teacherDigest.flatMap {
                try CachedAsset($0, at: TeacherDownload.path(of: $0, in: settings.above.cache))
            },
            scenes: scenes, replies: replies)
        machine = RelayMachine(shape, heartbeatTimeout: session.timeout)
        weights = WeightsStore(workerContext.parts)
        reception.timeout = session.timeout
        reception.life = session.identity
        let waiting = callers
        callers = []
        for (hello, caller) in waiting where caller.connection.map(reception.isThere) ?? true {
            meet(hello, from: caller)
        }
    }

    func receive(_ parcel: WireMessage, _ session: WorkerSession) throws {
        guard let shape = work?.shape,
            let event = try WorkerMachine.Event(parcel, shards: shape.shards)
        else { return }
        if case .bucket(let version, let index, _) = event {
            let receivers = weights?.add(parcel, .init(version: version, index: index)) ?? []
            reception.say(parcel, to: receivers)
        } else {
            perform(machine?.hear(fromAbove: event, at: reception.now))
        }
        try speak(session)
    }

    func turn(_ session: WorkerSession) throws {
        for result in opened?.drain() ?? [] {
            switch result {
            case .success(let run):
                try begin(run.welcome, run.context, session)
                try session.sendHeartbeat()
            case .failure(let error): try session.fail("\(error)")
            }
        }
        try reception.listen { failure == nil }
        for reply in work?.replies.drain() ?? [] {
            reception.offer(reply.parcel, to: reply.worker)
        }
        _ = reception.keepTime()
        if ContinuousClock.now - lastTick > session.timeout / 20 {
            lastTick = .now
            below(.tick)
            if capacity.workers > 0 { try announce(session) }
        }
        try speak(session)
    }

    /// Says above what has come together below.
    private func speak(_ session: WorkerSession) throws {
        let parcels = sums
        sums = []
        for parcel in parcels { try session.send(parcel) }
        if let failure { try session.fail(failure) }
        if announced.workers > 0, capacity.workers == 0 {
            try session.leave("no worker is left behind this relay")
        } else if announced.workers == 0, capacity.workers > 0 {
            try announce(session)
        }
    }

    /// Says above how many there are below; who comes and goes later is said some times within a
    /// heartbeat's timeout, however many they are.
    private func announce(_ session: WorkerSession) throws {
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
            // What they hear is of another life than theirs: they call anew.
            reception.life = (.none, 0)
            message = HeartbeatReply()
        }
        (work, machine, weights, opened) = (nil, nil, nil, nil)
        let peers = reception.peers.all.map(\.id)
        reception.say(WireMessage(message), to: peers)
        for peer in peers { reception.peers.remove(peer) }
        reception.life = (.none, 0)
        sums = []
        announced = (0, 0)
    }

    // MARK: Below

    func meet(_ hello: Hello, from caller: WorkerListener.Caller) {
        guard let work else {
            callers.removeAll { $0.from.route.bytes == caller.route.bytes }
            callers.append((hello, caller))
            // Whoever has waited for longest has called again meanwhile, or has gone.
            if callers.count > settings.reception.limits.connections { callers.removeFirst() }
            return
        }
        if let reason = hello.refusal(expecting: canary) {
            if !settings.admitsOtherNumerics { return reception.refuse(caller.route, reason) }
            note("admitted all the same: \(reason)")
        }
        reception.admit(
            hello, from: caller, work.welcome, assetBytes: work.teacher?.total ?? 0)
    }

    func take(_ parcel: WireMessage, from worker: WorkerID) {
        guard let work, let peer = reception.peers[worker] else { return }
        switch parcel.message {
        case let beat as Heartbeat: below(reception.event(of: beat, from: worker))
        case let request as AssetRequest:
            let part =
                request.digest == work.welcome.teacherDigest
                ? work.teacher?.part(request) : work.scenes?.take(request, from: worker)
            if let part { reception.offer(part, to: worker) }
        case let request as SceneRequest:
            if let found = work.scenes?.take(request, from: worker) {
                reception.offer(found, to: worker)
            }
        case let goodbye as Goodbye: lose(worker, .goodbye(goodbye.reason))
        case let stop as Stop:
            if reception.complainsAgain(peer, of: machine?.step ?? -1), (machine?.present ?? 0) > 1
            {
                return lose(worker, .failedAgain(stop.reason))
            }
            below(.failed(worker, reason: "\(peer.name): \(stop.reason)"))
            reception.peers.remove(worker)
        default:
            guard peer.isReady else { return }
            do {
                let step = machine?.step ?? -1
                if let event = try work.intake.event(of: parcel, from: worker, at: step) {
                    progress += 1
                    below(event)
                }
            } catch {
                lose(worker, .invalidResult("\(error)"))
            }
        }
    }

    func lose(_ worker: WorkerID, _ reason: LossReason) {
        guard let peer = reception.peers[worker] else { return }
        if peer.isReady, work != nil {
            below(.left(worker, reason: reason))
        } else {
            note("worker \(worker) (\(peer.name)) is gone: \(reason)")
        }
        reception.peers.remove(worker)
        weights?.remove(worker)
    }

    func answer(_ request: StatusRequest) throws -> WireMessage {
        WireMessage(
            Refusal(reason: "This is a relay: ask the coordinator how the run is."))
    }

    private func below(_ event: CoordinatorMachine.Event) {
        perform(machine?.hear(fromBelow: event, at: reception.now))
    }

    // MARK: What the machine wants

    private func perform(_ actions: [RelayMachine.Action]?) {
        for action in actions ?? [] {
            guard let work else { return }
            switch action {
            case .up(let action):
                if let parcel = WireMessage(action, work.shape.wire, work.statistics) {
                    sums.append(parcel)
                }
            case .down(let action):
                switch action {
                case .lease(let worker, let lease): sendWeights(for: .step, lease.step, to: worker)
                case .evaluate(let worker, let version, _):
                    sendWeights(for: .labels, version, to: worker)
                case .dismissed(let worker, _, _): weights?.remove(worker)
                default: break
                }
                reception.carryOut(action, work.shape)
            case .failed(let reason): failure = reason
            }
        }
    }

    /// Sends a worker that is given work the weights it lacks for that.
    private func sendWeights(
        for work: WeightsDistributor.Work, _ version: Int, to worker: WorkerID
    ) {
        for (_, parcel) in weights?.assign(work, to: worker, version: version) ?? [] {
            reception.say(parcel, to: worker)
        }
    }
}
