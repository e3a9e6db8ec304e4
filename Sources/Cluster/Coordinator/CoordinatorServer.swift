import Distillation
import Foundation
import Messages
import Networks
import Telemetry
import Tensors
package import Training
package import ZeroMQ

/// A coordinator at work: sockets, files and the optimiser around a ``CoordinatorMachine``.
///
/// One thread does everything but write checkpoints; it never waits longer than a tenth of the
/// heartbeat timeout.
package final class CoordinatorServer: WorkerListenerDelegate {
    let settings: CoordinatorSettings
    private let recipe: Recipe
    let run: Run
    let tell: @Sendable (RunEvent) -> Void
    private let stopRequest: StopRequest
    let reception: WorkerListener
    private let waker: Waker
    private let replies: Inbox<SceneServer.Reply>
    /// Serves scans to workers that have none; nil where scans are made.
    private let scenes: SceneServer?
    var machine: CoordinatorMachine
    private let intake: ResultValidator
    /// Which worker has received which weights.
    var weights: WeightsDistributor
    private var lastTick = ContinuousClock.now
    private var ending: (reason: String, failed: Bool)?
    private var stopIsHandled = false
    private var standsStillSince: ContinuousClock.Instant?
    private var saidOfWaiting = 0
    private var hasProgressed = false
    var watchdog: Watchdog
    var standstill: String?
    /// Where it listens.
    package var endpoint: Endpoint { reception.endpoint }
    /// Where others find it: what is published in the run's folder.
    package let address: Endpoint
    /// Whether it ended because it was asked to, with the run not done.
    package private(set) var wasStopped = false
    /// What its connections have carried.
    package var traffic: Traffic { reception.traffic }

    // What the step at hand cost so far.
    var watch: StepWatch
    private var last: StepSummary?
    private var before = Traffic()
    private var labelled = 0
    private var warned: Set<String> = []
    private var departed: [StepSummary.Worker] = []
    private var survey: ScaleSurvey

    /// Opens the run and listens.
    package init(
        _ recipe: Recipe, _ settings: CoordinatorSettings, stop: StopRequest = StopRequest(),
        tell: @escaping @Sendable (RunEvent) -> Void
    ) throws {
        self.recipe = recipe
        self.settings = settings
        self.tell = tell
        let start = ContinuousClock.now
        watch = StepWatch(origin: start)
        stopRequest = stop
        watchdog = Watchdog(heartbeatTimeout: settings.heartbeatTimeout)
        reception = try WorkerListener(
            settings.reception, heartbeatTimeout: settings.heartbeatTimeout,
            in: try Context(ioThreads: 2), start: start)
        address = reception.endpoint.published(as: settings.advertise)
        // Only now, with nothing left to refuse on the wire's side, may the folder be touched.
        run = try Run(recipe, settings, note: tell)
        let waker = try Waker()
        let replies = Inbox<SceneServer.Reply> { waker.wake() }
        (self.waker, self.replies) = (waker, replies)
        scenes = try run.sceneServer { replies.post($0) }
        let order = run.order
        survey = ScaleSurvey(ScaleEstimate(run))
        intake = ResultValidator(
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
        weights = WeightsDistributor(run.parts)
        reception.life = (run.id, run.epoch)
        reception.host = self
        publishFirstVersion()
        try "\(address)\n".write(
            toFile: settings.folder + "/" + RunFolder.address, atomically: true, encoding: .utf8)
    }

    /// When each of the workers that are there was admitted.
    package var joinTimes: [ContinuousClock.Instant] { reception.peers.all.map(\.admitted) }

    /// The student's weights and how far it has come.
    package var learner: Learner { run.learner }

    /// Runs to the end; returns why it ended.
    ///
    /// A checkpoint of the last step is then on disk.
    ///
    /// Throws if the run cannot go on, after what has been learnt is on disk too.
    package func serve() throws -> String {
        tell(.listening(address, step: run.learner.version))
        tell(.note(survey.estimate.beginning))
        defer {
            try? FileManager.default.removeItem(atPath: settings.folder + "/" + RunFolder.address)
        }
        watch.begin()
        var poller = Poller(waker: waker)
        _ = poller.add(reception.socket)
        _ = poller.add(reception.door.monitor.socket)
        if machine.isComplete, machine.step >= recipe.steps {
            ending = ("all \(recipe.steps) steps were done already", false)
        }
        while ending == nil {
            _ = watch.turn(to: .idle)
            _ = try poller.wait(upTo: min(settings.heartbeatTimeout / 10, .milliseconds(200)))
            _ = watch.turn(to: .reduce)
            try reception.listen { ending == nil }
            for reply in replies.drain() where ending == nil {
                reception.offer(reply.parcel, to: reply.worker)
            }
            _ = watch.turn(to: .bookkeeping)
            keepTime()
        }
        let reason = ending!.reason
        let message: any Message =
            wasStopped ? Goodbye(reason: reason) : Stop(reason: reason)
        for peer in reception.peers.all { reception.say(WireMessage(message), to: peer.id) }
        if run.hasUnsavedSteps { run.save() }
        try run.finishSaving()
        if ending!.failed { throw WorkerError(ending!.reason) }
        return ending!.reason
    }

    var now: Duration { reception.now }

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
        if ContinuousClock.now - lastTick > settings.heartbeatTimeout / 20 {
            lastTick = .now
            perform(machine.handle(.tick, at: now))
        }
        guard reception.keepTime() else { return }
        tell(.status(status))
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

    func meet(_ hello: Hello, from caller: WorkerListener.Caller) {
        if let reason = run.refusal(of: hello) {
            if !settings.admitsOtherNumerics { return reception.refuse(caller.route, reason) }
            tell(.note("admitted all the same: \(reason)"))
        }
        reception.admit(
            hello, from: caller,
            Welcome(
                workerID: 0, recipe: run.resolvedRecipe, seed: recipe.seed,
                heartbeatTimeoutMilliseconds: UInt32(
                    settings.heartbeatTimeout.nanoseconds / 1_000_000),
                teacherDigest: run.teacherDigest, dataDigest: scenes?.digest,
                studentDigest: run.studentDigest,
                bucketCount: UInt32(run.learner.layout.buckets.count)),
            assetBytes: run.teacher?.count ?? 0)
    }

    func answer(_ request: StatusRequest) throws -> WireMessage {
        var status = status
        if request.traced { status.recent = watch.lately.steps }
        let json = String(decoding: try JSONEncoder().encode(status), as: UTF8.self)
        return WireMessage(Status(json: json))
    }

    func note(_ line: String) { tell(.note(line)) }

    func note(_ event: MembershipEvent) { tell(.membership(event)) }

    func take(_ parcel: WireMessage, from worker: WorkerID) {
        switch parcel.message {
        case let beat as Heartbeat:
            reception.traffic.heartbeats += 1
            perform(machine.handle(reception.event(of: beat, from: worker), at: now))
        case let request as AssetRequest:
            let isTeacher = run.teacherDigest == request.digest
            let part =
                isTeacher
                ? run.teacher.flatMap { .part(request, of: $0) }
                : scenes?.take(request, from: worker)
            if let part { reception.offer(part, to: worker) }
        case let request as SceneRequest:
            if let found = scenes?.take(request, from: worker) {
                reception.offer(found, to: worker)
            }
        case let goodbye as Goodbye: lose(worker, .goodbye(goodbye.reason))
        case let stop as Stop: giveUp(worker, stop.reason)
        default:
            guard reception.peers[worker]?.isReady == true else { return }
            do {
                let atWork = threadTime()
                if let event = try intake.event(of: parcel, from: worker, at: machine.step) {
                    note(event, of: parcel)
                    let actions = machine.handle(event, at: now)
                    if case .partial = event {
                        reception.traffic.gradients.bytes += parcel.payloads[0].count
                        reception.traffic.gradients.time += threadTime() - atWork
                    }
                    perform(actions)
                    hasProgressed = true
                }
            } catch {
                lose(worker, .invalidResult("\(error)"))
            }
        }
    }

    /// Takes note of what a message says besides what the machine must know.
    private func note(_ event: CoordinatorMachine.Event, of parcel: WireMessage) {
        switch (event, parcel.message) {
        case (.report(let worker, _, let node, let report), let message as NodeReport):
            guard let peer = reception.peers[worker] else { return }
            watch.note(
                report.times, of: peer.name,
                threads: min(peer.threads, node.shards(of: recipe.shards).count))
            reception.peers[worker]?.times = peer.times + report.times
            reception.peers[worker]?.memory = MemoryUse(
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

    // MARK: What the machine wants

    func perform(_ actions: [CoordinatorMachine.Action]) {
        for action in actions {
            switch action {
            case .lease(let worker, _):
                sendWeights(for: .step, to: worker)
                reception.carryOut(action, machine.settings.shape)
            case .totals, .contradicted: reception.carryOut(action, machine.settings.shape)
            case .apply(let step, let bucket, let gradient):
                let before = watch.turn(to: .optimizer)
                if let values = run.apply(gradient, to: bucket) {
                    publish(values, bucket: bucket, version: step + 1)
                }
                _ = watch.turn(to: before)
            case .stepComplete(let step, let report, let counts, let totals):
                completeStep(step, report, counts, totals)
            case .evaluate(let worker, _, _):
                sendWeights(for: .labels, to: worker)
                reception.carryOut(action, machine.settings.shape)
            case .validated(let version, let matrix):
                labelled = 0
                let isBest = run.judge(matrix)
                let seconds = watch.endValidation()
                tell(.validated(step: version, matrix, isBest: isBest, seconds: seconds))
                if isBest { run.save(asBest: true) }
                run.noteValidation()
            case .dismissed(let worker, _, _):
                weights.remove(worker)
                if let peer = reception.peers[worker] {
                    departed.append(.init(name: peer.name, times: peer.times, memory: peer.memory))
                }
                reception.carryOut(action, machine.settings.shape)
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
        publishVersion()
        let taught = reception.peers.all.filter { $0.times != ShardTimes() }
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
        for peer in reception.peers.all { reception.peers[peer.id]?.times = ShardTimes() }
        before = traffic
        tell(.step(summary))
        if let line = survey.take(
            shardSeconds: report.times.work.seconds, reception.traffic.gradients)
        {
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
            workers: reception.peers.all.map { peer in
                RunStatus.Worker(
                    name: peer.name, threads: peer.threads, isReady: peer.isReady,
                    isBusy: busy.contains(peer.id),
                    silence: (ContinuousClock.now - peer.lastHeard).seconds,
                    work: watch.work(of: peer.name), cost: watch.cost(of: peer.name),
                    isSpare: peer.isSpare)
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

    func lose(_ worker: WorkerID, _ reason: LossReason) {
        guard let peer = reception.peers[worker] else { return }
        if peer.isReady {
            perform(machine.handle(.left(worker, reason: reason), at: now))
        } else {
            note(.lost(worker, name: peer.name, reason: reason, reissued: 0))
        }
        reception.peers.remove(worker)
    }
}
