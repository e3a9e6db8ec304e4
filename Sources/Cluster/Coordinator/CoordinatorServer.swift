import Distillation
import Foundation
import Messages
import Networks
import Telemetry
import Tensors
public import Training
public import ZeroMQ

/// A coordinator at work: sockets, files and the optimiser around a ``CoordinatorMachine``.
///
/// One thread does everything but write checkpoints; it never waits longer than a tenth of the
/// heartbeat timeout.
public final class CoordinatorServer {
    let settings: CoordinatorSettings
    private let recipe: Recipe
    let run: Run
    let tell: @Sendable (RunEvent) -> Void
    private let stopRequest: StopRequest
    private let context: Context
    private let waker: Waker
    private let replies: Inbox<SceneServer.Reply>
    /// Serves scans to workers that have none; nil where scans are made.
    private let scenes: SceneServer?
    var door: Doorway
    var socket: Socket
    var machine: CoordinatorMachine
    private let intake: Intake
    var peers = Peers()
    private var numberOfLease: UInt64 = 0
    /// The workers that were given work in the step at hand: they are sent the next weights as these
    /// are made, the others when they are given work themselves.
    var atWork: [WorkerID] = []
    var strangers: Set<String> = []
    var complaint: Complaint?
    private var lastBeat = ContinuousClock.now
    private var lastTick = ContinuousClock.now
    private let start: ContinuousClock.Instant
    private var ending: (reason: String, failed: Bool)?
    private var stopIsHandled = false
    private var standsStillSince: ContinuousClock.Instant?
    private var saidOfWaiting = 0
    private var hasProgressed = false
    var watchdog: Watchdog
    var standstill: String?
    let authenticator: Authenticator?
    /// Who said last that a step cannot be done.
    struct Complaint: Equatable {
        let step: Int
        let userID: String?
        init(_ step: Int, _ userID: String?) { (self.step, self.userID) = (step, userID) }
    }
    /// Where it listens.
    public let endpoint: Endpoint
    /// Where others find it: what is published in the run's folder.
    public let address: Endpoint
    /// Whether it ended because it was asked to, with the run not done.
    public private(set) var wasStopped = false
    /// What its connections have carried.
    public internal(set) var traffic = Traffic()

    // What the step at hand cost so far.
    var watch: StepWatch
    private var last: StepSummary?
    private var before = Traffic()
    private var labelled = 0
    private var warned: Set<String> = []
    private var departed: [StepSummary.Worker] = []
    private var survey: ScaleSurvey

    /// Opens the run and listens.
    public init(
        _ recipe: Recipe, _ settings: CoordinatorSettings, stop: StopRequest = StopRequest(),
        tell: @escaping @Sendable (RunEvent) -> Void
    ) throws {
        self.recipe = recipe
        self.settings = settings
        self.tell = tell
        start = .now
        watch = StepWatch(origin: start)
        stopRequest = stop
        context = try Context(ioThreads: 2)
        watchdog = Watchdog(heartbeatTimeout: settings.heartbeatTimeout)
        authenticator = try settings.keys.map { [context] in
            try Authenticator(in: context, allowList: $0.workers)
        }
        var options = SocketOptions()
        if let keys = settings.keys, let authenticator {
            options.security = .curveServer(keys.own, authenticator)
        }
        options.linger = .seconds(2)
        options.handshakeTimeout = max(settings.heartbeatTimeout, .seconds(1))
        // A worker that is ahead of the coordinator waits; its messages are not piled up here.
        options.receiveHighWaterMark = 64
        socket = try Socket(.router, in: context, options: options)
        door = try Doorway(of: socket, settings)
        endpoint = try socket.bind(to: settings.endpoint, insecure: settings.insecure)
        address = endpoint.published(as: settings.advertise)
        // Only now, with nothing left to refuse on the wire's side, may the folder be touched.
        run = try Run(recipe, settings, note: tell)
        let waker = try Waker()
        let replies = Inbox<SceneServer.Reply> { waker.wake() }
        (self.waker, self.replies) = (waker, replies)
        scenes = try run.sceneServer { replies.post($0) }
        let order = run.order
        survey = ScaleSurvey(ScaleEstimate(run))
        intake = Intake(
            recipe: recipe, layout: run.learner.layout,
            statistics: run.learner.parameters.statistics,
            classes: run.learner.network.classes)
        machine = CoordinatorMachine(
            settings: .init(
                shards: recipe.shards, buckets: run.learner.layout.buckets.count,
                exchanges: recipe.objectives.exchanges, wire: recipe.wire,
                steps: settings.stopAfter.map { min($0, recipe.steps) } ?? recipe.steps,
                validateEvery: recipe.validation.every, validation: run.validationSamples,
                minimumWorkers: settings.minimumWorkers,
                heartbeatTimeout: settings.heartbeatTimeout),
            from: run.learner.version, validated: run.validated
        ) { Run.plan($0, order, recipe) }
        try "\(address)\n".write(
            toFile: settings.folder + "/" + RunFolder.address, atomically: true, encoding: .utf8)
    }

    /// When each of the workers that are there was admitted.
    public var joinTimes: [ContinuousClock.Instant] { peers.all.map(\.admitted) }

    /// The student's weights and how far it has come.
    public var learner: Learner { run.learner }

    /// Runs to the end; returns why it ended.
    ///
    /// A checkpoint of the last step is then on disk.
    ///
    /// Throws if the run cannot go on, after what has been learnt is on disk too.
    public func serve() throws -> String {
        tell(.listening(address, step: run.learner.version))
        tell(.note(survey.estimate.beginning))
        defer {
            try? FileManager.default.removeItem(atPath: settings.folder + "/" + RunFolder.address)
        }
        watch.begin()
        var poller = Poller(waker: waker)
        _ = poller.add(socket)
        _ = poller.add(door.monitor.socket)
        if machine.isComplete, machine.step >= recipe.steps {
            ending = ("all \(recipe.steps) steps were done already", false)
        }
        while ending == nil {
            _ = watch.turn(to: .idle)
            _ = try poller.wait(upTo: min(settings.heartbeatTimeout / 10, .milliseconds(200)))
            _ = watch.turn(to: .reduce)
            // However much arrives, time is kept.
            let pause = ContinuousClock.now + settings.heartbeatTimeout / 40
            while ending == nil, ContinuousClock.now < pause, let message = try socket.receive() {
                try hear(message)
            }
            // After what those who have gone said last.
            try watchDoor()
            for reply in replies.drain() where ending == nil {
                offer(reply.parcel, to: reply.worker)
            }
            _ = watch.turn(to: .bookkeeping)
            keepTime()
        }
        let reason = ending!.reason
        let message: Message =
            wasStopped ? .goodbye(Goodbye(reason: reason)) : .stop(Stop(reason: reason))
        for peer in peers.all { say(Parcel(message), to: peer.id) }
        if run.hasUnsavedSteps { run.save() }
        try run.finishSaving()
        if ending!.failed { throw WorkerError(ending!.reason) }
        return ending!.reason
    }

    var now: Duration { ContinuousClock.now - start }

    private func keepTime() {
        switch stopRequest.asked {
        case .failure(let reason)?:
            ending = (reason, true)
            return
        case .stop(let reason)? where !stopIsHandled:
            stopIsHandled = true
            perform(machine.handle(.stop(reason: reason), at: now))
        default: break
        }
        if settings.keyFolder?.isAsked == true { watchKeys() }
        if ContinuousClock.now - lastTick > settings.heartbeatTimeout / 20 {
            lastTick = .now
            perform(machine.handle(.tick, at: now))
        }
        guard ContinuousClock.now - lastBeat > settings.heartbeatTimeout / 5 else { return }
        lastBeat = .now
        tell(.status(status))
        // A worker that has gone is found out here, long before its silence would tell.
        say(Parcel(.heartbeatReply(HeartbeatReply(progress: 0))), to: peers.all.map(\.id))
        for peer in peers.all {
            if !peer.isReady, lastBeat - peer.lastHeard > settings.heartbeatTimeout {
                lose(peer.id, "nothing was heard of it for \(settings.heartbeatTimeout)")
            }
        }
        for event in door.overdue(at: now) { meet(event) }
        watchKeys()
        watchForWorkers()
        let missing = machine.missingWorkers
        watchStandstill(missing: missing)
        guard hasProgressed || missing > 0 else { return }
        hasProgressed = false
        tell(.progress(step: run.learner.version, missingWorkers: missing))
    }

    /// Says, and in the end gives up, when the run stands still for want of workers.
    private func watchForWorkers() {
        let missing = machine.missingWorkers
        guard missing > 0 else {
            standsStillSince = nil
            return
        }
        let since = standsStillSince ?? .now
        standsStillSince = since
        let wait = ContinuousClock.now - since
        if wait > settings.patience {
            ending = (
                "No worker came to \(address) for \(settings.patience) and \(missing) more "
                    + "would be needed: start workers, then go on with --resume.", true
            )
        } else if wait > .seconds(60) * (saidOfWaiting + 1) {
            saidOfWaiting += 1
            tell(.note("waiting for \(missing) more workers at \(address)"))
        }
    }

    // MARK: What workers say

    private func hear(_ multipart: Multipart) throws {
        guard let route = multipart.frames.first else { return }
        let size = multipart.frames.reduce(0) { $0 + $1.count }
        traffic.messages.up += 1
        traffic.bytes.up += size
        if let connection = multipart.connection {
            if !door.isKnown(connection) { try watchDoor() }
            // What the wire adds to a frame, encrypted or not, is less than 64 bytes.
            let wire = size + 64 * multipart.frames.count
            switch door.hear(connection, bytes: wire, at: now) {
            case .take: break
            case .ignore: return
            case .cut(let reason): return meet(.cut(connection, reason))
            }
        }
        let frames = multipart.frames.dropFirst()
        do {
            let envelope = try Parcel.envelope(of: frames)
            if envelope.kind == .statusRequest {
                return try tellStatus(at: route, to: multipart)
            }
            if envelope.kind == .hello {
                // The connection may be new under the number of one that is gone.
                try watchDoor()
                guard case .hello(let hello) = try Parcel(envelope, frames).message else { return }
                return admit(hello, at: route, from: multipart)
            }
            guard let worker = peers.id(at: route), envelope.run == run.id,
                envelope.epoch == run.epoch
            else { return turnAway(route, envelope) }
            guard let peer = peers[worker], peer.userID == multipart.userID else {
                return lose(worker, "its connection changed hands")
            }
            let now = ContinuousClock.now
            if peer.isReady {
                traffic.hear(
                    after: now - peer.lastHeard, heartbeatTimeout: settings.heartbeatTimeout)
            }
            peers[worker]?.lastHeard = now
            take(try Parcel(envelope, frames), from: worker)
        } catch {
            if let worker = peers.id(at: route) {
                lose(worker, "it broke the protocol: \(error)")
            } else {
                refuse(route, "\(error)")
            }
        }
    }

    private func admit(_ hello: Hello, at route: Frame, from multipart: Multipart) {
        if let event = door.charge(multipart.connection, at: now) { return meet(event) }
        let userID = multipart.userID
        guard mayStay(userID) else {
            if let connection = multipart.connection { door.hangUp(on: connection) }
            return
        }
        if let known = peers.id(at: route) { lose(known, "it called anew") }
        let name = "\(hello.hostName)/\(hello.name)"
        if let reason = run.refusal(
            of: name, blasCore: hello.blasCore, canary: "\(hello.canary)")
        {
            if !settings.admitsOtherNumerics { return refuse(route, reason) }
            tell(.note("admitted all the same: \(reason)"))
        }
        let peer = peers.admit(
            at: route, on: multipart.connection, name: name, threads: Int(hello.threads),
            userID: userID)
        door.ask(peer.connection, for: 16 + (run.teacher?.count ?? 0) >> 20)
        tell(
            .note(
                "worker \(peer.id) joins: \(name), \(hello.threads) threads, "
                    + "OpenBLAS core \(hello.blasCore)"))
        say(
            Parcel(
                .welcome(
                    Welcome(
                        workerID: peer.id, recipe: run.resolvedRecipe, seed: recipe.seed,
                        heartbeatTimeoutMilliseconds: UInt32(
                            settings.heartbeatTimeout.nanoseconds / 1_000_000),
                        teacherDigest: run.teacherDigest, dataDigest: scenes?.digest,
                        studentDigest: run.studentDigest,
                        shardsPerStep: UInt32(recipe.shards),
                        bucketCount: UInt32(run.learner.layout.buckets.count)))),
            to: peer.id)
    }

    private func take(_ parcel: Parcel, from worker: WorkerID) {
        switch parcel.message {
        case .heartbeat(let beat):
            traffic.heartbeats += 1
            if beat.phase >= WorkerPhase.ready.rawValue { take(beat, from: worker) }
            perform(machine.handle(.heard(worker), at: now))
        case .assetRequest(let request):
            let isTeacher = run.teacherDigest == request.digest
            let part =
                isTeacher
                ? run.teacher.flatMap { .part(request, of: $0) }
                : scenes?.take(request, from: worker)
            if let part { offer(part, to: worker) }
        case .sceneRequest(let request):
            if let found = scenes?.take(request, from: worker) { offer(found, to: worker) }
        case .goodbye(let goodbye): lose(worker, "it said goodbye: \(goodbye.reason)")
        case .stop(let stop): giveUp(worker, stop.reason)
        default:
            guard peers[worker]?.isReady == true else { return }
            do {
                let atWork = threadTime()
                if let event = try intake.event(of: parcel, from: worker, at: machine.step) {
                    note(event, of: parcel)
                    let actions = machine.handle(event, at: now)
                    if case .partial = event {
                        traffic.gradients.bytes += parcel.payloads[0].count
                        traffic.gradients.time += threadTime() - atWork
                    }
                    perform(actions)
                    hasProgressed = true
                }
            } catch {
                lose(worker, "it sent what cannot be used: \(error)")
            }
        }
    }

    /// Answers a request for what the coordinator has; to ask for it was right.
    private func offer(_ parcel: Parcel, to worker: WorkerID) {
        door.ask(peers[worker]?.connection, for: 1)
        say(parcel, to: worker)
    }

    /// Takes note of what a message says besides what the machine must know.
    private func note(_ event: CoordinatorMachine.Event, of parcel: Parcel) {
        switch (event, parcel.message) {
        case (.report(let worker, _, let node, let report), .nodeReport(let message)):
            guard let peer = peers[worker] else { return }
            watch.note(
                report.times, of: peer.name,
                threads: min(peer.threads, node.shards(of: recipe.shards).count))
            peers[worker]?.times = peer.times + report.times
            peers[worker]?.memory = MemoryUse(
                peakBytes: Int(clamping: message.peakBytes),
                pageFaults: Int(clamping: message.pageFaults),
                buffers: Int(clamping: message.buffers))
        case (.evaluated, _):
            let count = run.validationSamples.count
            labelled = min(labelled + 1, count)
            tell(.validating(done: labelled, of: count))
        default: break
        }
    }

    /// Takes in how many there are behind whoever is ready.
    private func take(_ beat: Heartbeat, from worker: WorkerID) {
        let (threads, count) = (Int(beat.threads), Int(beat.workers))
        guard let peer = peers[worker],
            !peer.isReady || (peer.threads, peer.workers) != (threads, count)
        else { return }
        peers[worker]?.isReady = true
        peers[worker]?.threads = threads
        peers[worker]?.workers = count
        perform(machine.handle(.ready(worker, threads: threads, workers: count), at: now))
    }

    // MARK: What the machine wants

    func perform(_ actions: [CoordinatorMachine.Action]) {
        for action in actions {
            switch action {
            case .lease(let worker, let lease):
                numberOfLease += 1
                employ(worker)
                let results = lease.nodes.count * (run.learner.layout.buckets.count + 1)
                door.ask(
                    peers[worker]?.connection,
                    for: results + lease.shards.count * recipe.objectives.exchanges)
                say(Parcel(.lease(Messages.Lease(lease, number: numberOfLease))), to: worker)
            case .totals(let workers, let step, let round, let totals):
                say(Parcel.totals(step: step, round: round, totals), to: workers)
            case .apply(let step, let bucket, let gradient):
                let before = watch.turn(to: .optimizer)
                if let values = run.apply(gradient, to: bucket) {
                    sendWeights(values, bucket, version: step + 1, to: atWork)
                }
                _ = watch.turn(to: before)
            case .stepComplete(let step, let report, let counts, let totals):
                completeStep(step, report, counts, totals)
            case .evaluate(let worker, let version, let samples):
                door.ask(peers[worker]?.connection, for: samples.count)
                supplyForLabels(worker)
                say(
                    Parcel(
                        .evaluationLease(
                            EvaluationLease(
                                lease: UInt64(version), weightsVersion: UInt64(version),
                                samples: samples.map(UInt64.init)))),
                    to: worker)
            case .validated(let version, let matrix):
                labelled = 0
                let isBest = run.judge(matrix)
                tell(.validated(step: version, matrix, isBest: isBest))
                if isBest { run.save(asBest: true) }
                run.noteValidation()
                watch.begin()
            case .contradicted(let step, let node, let first, let second):
                let shards = node.shards(of: recipe.shards)
                let names = [first, second].map { peers[$0]?.name ?? "worker \($0)" }
                tell(
                    .note(
                        "step \(step + 1): \(names[0]) and \(names[1]) have different gradients "
                            + "for micro-shards \(shards.lowerBound) to \(shards.upperBound - 1): "
                            + "one of these machines computes wrongly; test their memory and "
                            + "processors. What came first counts."))
            case .dismissed(let worker, let reason, let reissued):
                if let peer = peers.remove(worker) {
                    departed.append(.init(name: peer.name, times: peer.times, memory: peer.memory))
                    tell(
                        .note(
                            "worker \(worker) (\(peer.name)) is gone: \(reason)"
                                + (reissued > 0
                                    ? "; \(reissued) pieces of its work are given to others" : "")))
                }
            case .finished(let reason):
                ending = (reason, false)
                wasStopped = stopRequest.reason == reason
            case .failed(let reason): ending = (reason, true)
            }
        }
    }

    private func completeStep(
        _ step: Int, _ report: ShardReport, _ counts: CoordinatorMachine.StepCounts,
        _ totals: [Distillation.Totals]
    ) {
        let doing = watch.turn(to: .optimizer)
        let metrics = metrics(of: step, totals)
        let norm = run.completeStep(report)
        let version = run.learner.version
        sendRest(clipped: recipe.optimiser.clip != nil)
        let taught = peers.all.filter { $0.times != ShardTimes() }
        watch.note(
            work: taught.map { ($0.name, $0.times.work.seconds / Double(max($0.threads, 1))) })
        let isDue = version % recipe.checkpoints.every == 0
        _ = watch.turn(to: .bookkeeping)
        let (trace, phases) = watch.endStep(version)
        let summary = StepSummary(
            step: version, steps: recipe.steps, pass: run.order.pass(at: step),
            loss: report.loss, terms: terms(of: step, report), metrics: metrics,
            gradientNorm: norm, rates: recipe.optimiser.rates(at: step), points: report.points,
            workers: departed
                + taught.map { .init(name: $0.name, times: $0.times, memory: $0.memory) },
            coordinator: phases, trace: trace, counts: counts, standstill: standstill,
            messages: traffic.messages - before.messages, bytes: traffic.bytes - before.bytes,
            weights: isDue ? run.learner.weights : nil)
        last = summary
        departed = []
        standstill = nil
        for peer in peers.all { peers[peer.id]?.times = ShardTimes() }
        before = traffic
        tell(.step(summary))
        if let line = survey.take(shardSeconds: report.times.work.seconds, traffic.gradients) {
            tell(.note(line))
        }
        _ = watch.turn(to: .checkpoint)
        if isDue { run.save() }
        _ = watch.turn(to: doing)
    }

    /// How the run is doing now.
    var status: RunStatus {
        let busy = Set(machine.waitedFor)
        return RunStatus(
            run: "\(run.id)", stage: machine.stage, step: run.learner.version, steps: recipe.steps,
            missing: machine.missingWorkers, secondsAStep: watch.secondsAStep, loss: last?.loss,
            terms: Dictionary(last?.terms.map { ($0.name, $0.value) } ?? []) { $1 },
            workers: peers.all.map { peer in
                RunStatus.Worker(
                    name: peer.name, threads: peer.threads, isReady: peer.isReady,
                    isBusy: busy.contains(peer.id),
                    silence: (ContinuousClock.now - peer.lastHeard).seconds,
                    work: watch.work(of: peer.name), cost: watch.cost(of: peer.name))
            })
    }

    private func terms(of step: Int, _ report: ShardReport) -> [StepSummary.Term] {
        let objectives = recipe.objectives
        return zip(zip(objectives.names, objectives.terms), report.terms).map { term, said in
            StepSummary.Term(
                name: term.0, value: said.value, weight: term.1.weight(at: step),
                gradientNorm: said.gradientNorm)
        }
    }

    /// What the objectives report of the step at hand; what they warn of is said once.
    private func metrics(
        of step: Int, _ totals: [Distillation.Totals]
    ) -> [(name: String, value: Double)] {
        do {
            return try run.metrics(of: step, totals).map { name, metric in
                if let warning = metric.warning, warned.insert(name).inserted {
                    tell(.note("step \(step + 1): \(warning)"))
                }
                return (name, metric.value)
            }
        } catch {
            if warned.insert("\(error)").inserted { tell(.note("\(error)")) }
            return []
        }
    }

    func lose(_ worker: WorkerID, _ reason: String) {
        guard let peer = peers[worker] else { return }
        if peer.isReady {
            perform(machine.handle(.left(worker, reason: reason), at: now))
        } else {
            tell(.note("worker \(worker) (\(peer.name)) is gone: \(reason)"))
        }
        peers.remove(worker)
    }
}
