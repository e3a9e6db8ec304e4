import Distillation
import Foundation
import Messages
import Telemetry
import Tensors
import Training
package import ZeroMQ

/// Drives a run: connects a ``CoordinatorMachine`` with workers, weights, checkpoints and records.
///
/// It owns no thread and never blocks: ``turn()`` handles what has arrived and what has become due.
/// ``CoordinatorServer`` calls it in a loop over sockets; a simulation calls it over a network in
/// memory.
package final class CoordinatorDriver {
    /// Settings of a driver.
    package struct Settings: Sendable {
        /// Workers that must be ready before the first step.
        package var minimumWorkers = 1
        /// The silence after which a worker is given up; every other deadline derives from it.
        package var heartbeatTimeout = Duration.seconds(5)
        /// Whether workers that compute other bits are admitted, with a warning.
        package var admitsOtherNumerics = false
        /// The longest that the run waits for missing workers before it fails.
        package var workerTimeout = Duration.seconds(3600)
        /// The step to stop at, if not the recipe's last.
        package var stopAfter: Int?
        /// The address at which workers find the coordinator.
        package var address: Endpoint
        /// The hash of this machine's canary computation.
        package var canary: String

        /// Settings of a driver at an address, with the usual values.
        package init(address: Endpoint, canary: String) {
            self.address = address
            self.canary = canary
        }
    }

    /// End of a run.
    package enum Ending: Equatable, Sendable {
        /// The run is over.
        case finished(String)
        /// The coordinator was asked to stop; the run can be resumed.
        case stopped(String)
        /// The run cannot continue.
        case failed(String)
        /// The training has diverged: the run cannot continue with its settings.
        case diverged(String)

        /// The reason.
        package var reason: String {
            switch self {
            case .finished(let reason), .stopped(let reason), .failed(let reason),
                .diverged(let reason):
                reason
            }
        }
    }

    let settings: Settings
    let state: any RunState
    let service: WorkerService
    let clock: MonotonicClock
    var machine: CoordinatorMachine
    var recorder: StepRecorder
    var election: NumericsElection
    /// The end of the run; nil while it continues.
    package internal(set) var ending: Ending?
    var absence: WorkerAbsence
    var watchdog: Watchdog
    let stopRequest: StopRequest
    private let recordEvent: @Sendable (RunEvent) -> Void
    private var lastTick: Duration
    private var stopIsHandled = false
    var hasProgressed = false

    /// A driver over a transport.
    ///
    /// - Parameters:
    ///   - assets: serves files to workers.
    ///   - record: receives the run's events, on the calling thread.
    package convenience init(
        _ state: any RunState, over transport: any ServerTransport, assets: AssetService,
        _ settings: Settings, clock: MonotonicClock, stop: StopRequest = StopRequest(),
        record: @escaping @Sendable (RunEvent) -> Void
    ) {
        self.init(
            state,
            WorkerListener(
                over: transport, limits: PeerLimits(),
                heartbeatTimeout: settings.heartbeatTimeout, clock: clock),
            assets: assets, settings, clock: clock, stop: stop, record: record)
    }

    init(
        _ state: any RunState, _ listener: WorkerListener, assets: AssetService,
        _ settings: Settings, clock: MonotonicClock, stop: StopRequest,
        record: @escaping @Sendable (RunEvent) -> Void
    ) {
        self.state = state
        self.settings = settings
        self.clock = clock
        stopRequest = stop
        recordEvent = record
        let plan = state.plan
        service = WorkerService(
            listener, admitsOtherNumerics: settings.admitsOtherNumerics, clock: clock)
        let steps = min(settings.stopAfter ?? plan.steps, plan.steps)
        machine = CoordinatorMachine(
            settings: .init(
                shards: plan.shape.shards, buckets: plan.shape.buckets,
                exchanges: plan.shape.exchanges, wire: plan.shape.wire,
                steps: steps,
                validateEvery: plan.validateEvery, validation: plan.validationSamples,
                // A run that stops earlier is continued, and validated on all scans at its end.
                furtherAtEnd: steps < plan.steps ? [] : plan.furtherSamples,
                minimumWorkers: settings.minimumWorkers,
                heartbeatTimeout: settings.heartbeatTimeout),
            from: state.version, validated: state.validatedVersion, plan: plan.shards)
        recorder = StepRecorder(plan, clock)
        election = NumericsElection(own: settings.canary, committed: state.canary)
        watchdog = Watchdog(heartbeatTimeout: settings.heartbeatTimeout)
        absence = WorkerAbsence(limit: settings.workerTimeout)
        lastTick = clock.now
        var welcome = plan.welcome
        welcome.heartbeatTimeoutMilliseconds = UInt32(
            clamping: settings.heartbeatTimeout.nanoseconds / 1_000_000)
        welcome.dataDigest = assets.dataDigest
        service.delegate = self
        service.open(
            WorkerService.Run(
                welcome: welcome, shape: plan.shape, parts: plan.parts,
                validator: plan.validator, assets: assets),
            session: (state.id, state.epoch))
        // Before any worker joins: the parts are only marked as available.
        for index in plan.parts.frozenBuckets { publish(part: index, of: state.version) }
        publishVersion()
    }

    /// Begins the run.
    package func begin() {
        record(.listening(settings.address, step: state.version))
        if let scale = state.plan.scale { record(.note(scale.beginning)) }
        recorder.watch.begin()
        if machine.isComplete, machine.step >= state.plan.steps {
            ending = .finished("all \(state.plan.steps) steps were done already")
        }
    }

    /// Handles what has arrived and what has become due.
    package func turn() throws {
        recorder.watch.enter(.reduce)
        try service.receive { ending == nil }
        recorder.watch.enter(.bookkeeping)
        tick()
        recorder.watch.enter(.idle)
    }

    /// Ends the run: tells workers, and writes a checkpoint of the last step.
    package func close() throws {
        guard let ending else { return }
        let message: any Message =
            switch ending {
            case .stopped(let reason): Goodbye(reason: reason)
            case .finished(let reason), .failed(let reason), .diverged(let reason):
                Stop(reason: reason)
            }
        for peer in service.listener.peers.all {
            service.listener.send(WireMessage(message), to: peer.id)
        }
        if state.hasUnsavedSteps { state.save(asBest: false) }
        try state.finishSaving()
    }

    func record(_ event: RunEvent) { recordEvent(event) }

    // MARK: Time

    private func tick() {
        switch stopRequest.asked {
        case .failure(let reason)?:
            // Local workers that have found a divergence end, and their pool gives up, at the same time.
            ending = ending ?? .failed(reason)
            return
        case .stop(let reason)? where !stopIsHandled:
            stopIsHandled = true
            perform(machine.handle(.stop(reason: reason), at: clock.now))
        default: break
        }
        if clock.now - lastTick > settings.heartbeatTimeout / 20 {
            lastTick = clock.now
            perform(machine.handle(.tick, at: clock.now))
            let standstill = clock.now - machine.lastAdvance
            if election.abandonsAttempt(
                standstill: standstill, heartbeatTimeout: settings.heartbeatTimeout,
                at: clock.now)
            {
                dismissAll(.unproductive(standstill))
            }
        }
        guard service.listener.tick() else { return }
        // Also while nothing else happens: a monitor distinguishes waiting from hanging by it.
        record(.status(status))
        let missing = machine.missingWorkers
        checkAbsence(missing)
        checkStandstill(missing)
        guard hasProgressed || missing > 0 else { return }
        hasProgressed = false
        record(.progress(step: state.version, missingWorkers: missing))
    }

    /// Reports missing workers, and fails when they have been missing for too long.
    private func checkAbsence(_ missing: Int) {
        switch absence.check(missing: missing, at: clock.now) {
        case .none: break
        case .remark: record(.note("waiting for \(missing) more workers at \(settings.address)"))
        case .failure:
            ending = .failed(
                "No worker came to \(settings.address) for \(settings.workerTimeout) and "
                    + "\(missing) more would be needed: start workers, then go on with --resume.")
        }
    }

    /// Reports which workers are waited for when nothing has advanced for too long.
    private func checkStandstill(_ missing: Int) {
        let peers = service.listener.peers
        guard
            let line = watchdog.line(
                step: machine.step, advanced: machine.lastAdvance, now: clock.now,
                waits: machine.waits, missing: missing,
                preparing: peers.all.filter { machine.member($0.id)?.role == .joining }.map(\.name),
                stalled: { [machine, now = clock.now] in machine.standstill(of: $0, at: now) },
                name: { peers[$0]?.name ?? "worker \($0)" })
        else { return }
        recorder.recordStandstill(line)
        record(.warning(line))
    }

    /// The run's status now.
    var status: RunStatus {
        recorder.status(
            run: "\(state.id)", version: state.version, machine, service.listener.peers.all,
            at: clock.now)
    }
}
