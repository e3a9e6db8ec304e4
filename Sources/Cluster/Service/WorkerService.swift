import Messages
import Tensors
import Training
import ZeroMQ

/// Owner of a ``WorkerService``: a coordinator or a relay.
protocol WorkerServiceDelegate: AnyObject {
    /// The step at hand; -1 before the first.
    var step: Int { get }
    /// The number of ready workers and relays right below.
    var readyWorkers: Int { get }
    /// The record of a worker; nil if it is not a member.
    func member(_ worker: WorkerID) -> Member?
    /// Judges a worker's arithmetic.
    func judgeNumerics(of hello: Hello) -> NumericsElection.Verdict
    /// Passes an event to the state machine and carries out its actions.
    ///
    /// - Parameter message: the message it came in; nil if it came in none.
    func handle(_ event: CoordinatorMachine.Event, in message: WireMessage?)
    /// The answer to a client that asks for the run's status.
    func answer(_ request: StatusRequest) throws -> WireMessage
    /// Records an event.
    func record(_ event: ClusterEvent)
}

/// Serves the workers of a coordinator or of a relay.
///
/// It admits workers, answers their requests for files, checks their results, turns messages into
/// events of a state machine, and sends the machine's actions and the weights. Coordinator and relay
/// differ in where work and weights come from and where sums go; that is their own affair.
final class WorkerService: WorkerListenerDelegate {
    /// The run that workers are served for.
    struct Run {
        /// The welcome except for the worker's number.
        let welcome: Welcome
        let shape: StepShape
        let parts: WeightsParts
        let validator: ResultValidator
        let assets: AssetService
    }

    let listener: WorkerListener
    weak var delegate: (any WorkerServiceDelegate)?
    /// Nil while a relay has no coordinator.
    private(set) var run: Run?
    var weights: WeightsStore<WireMessage>?
    private let admitsOtherNumerics: Bool
    let clock: MonotonicClock
    var demotions = Demotions()
    /// Requests of each worker whose answers are being prepared.
    private var pendingRequests: [WorkerID: Int] = [:]
    /// Bytes of each part of the weights.
    var partBytes: [Int: Int] = [:]
    /// Clients that introduced themselves before there was a run.
    private var waiting: [(hello: Hello, from: WorkerListener.Caller)] = []

    /// A service without a run.
    init(_ listener: WorkerListener, admitsOtherNumerics: Bool, clock: MonotonicClock) {
        self.listener = listener
        self.clock = clock
        self.admitsOtherNumerics = admitsOtherNumerics
        listener.delegate = self
    }

    /// Begins to serve workers for a run, those that have waited for it first.
    func open(_ run: Run, session: (run: RunID, epoch: UInt64)) {
        self.run = run
        partBytes = [:]
        weights = WeightsStore(run.parts)
        listener.session = session
        listener.mostRequested = run.shape.requestedMessages
        listener.longestMessage = run.validator.longestMessage
        let clients = waiting
        waiting = []
        for (hello, caller) in clients where caller.connection.map(listener.isOpen) ?? true {
            didReceiveHello(hello, from: caller)
        }
    }

    /// Sends workers a last message and removes them.
    func close(_ message: WireMessage) {
        (run, weights) = (nil, nil)
        pendingRequests = [:]
        let workers = listener.peers.all.map(\.id)
        listener.send(message, to: workers)
        for worker in workers { listener.peers.remove(worker) }
    }

    /// Handles the messages that have arrived, and answers requests whose scans are packed.
    func receive(while isWanted: () -> Bool) throws {
        try listener.receive(while: isWanted)
        for reply in run?.assets.takeAnswers() ?? [] {
            pendingRequests[reply.worker]? -= 1
            if isWanted() { listener.send(reply.message, to: reply.worker) }
        }
    }

    // MARK: Admission

    func didReceiveHello(_ hello: Hello, from caller: WorkerListener.Caller) {
        guard let run else {
            // A client repeats its hello when it connects anew.
            waiting.removeAll { $0.from.route == caller.route }
            waiting.append((hello, caller))
            // The client that has waited for longest has connected anew meanwhile, or has gone.
            if waiting.count > listener.limits.connections { waiting.removeFirst() }
            return
        }
        switch delegate?.judgeNumerics(of: hello) ?? .admit {
        case .admit, .replace: break
        case .wait where !admitsOtherNumerics: return
        case .reject(let expected), .wait(let expected):
            guard let mismatch = hello.numericsMismatch(expecting: expected) else { break }
            guard admitsOtherNumerics else {
                return listener.reject(caller.route, .numerics(mismatch))
            }
            record(.admittedDespite(mismatch))
        }
        listener.admit(hello, from: caller, run.welcome)
    }

    func didAdmit(_ worker: WorkerID, _ hello: Hello) {
        guard let run else { return }
        let threads = Self.limited(hello.threads, run.shape)
        let identity = listener.peers[worker]?.identity
        delegate?.handle(.joined(worker, threads: threads, identity: identity), in: nil)
    }

    /// A worker's threads: a claim of billions would be leased all work and all samples at once.
    private static func limited(_ threads: UInt32, _ shape: StepShape) -> Int {
        min(Int(threads), max(shape.shards, 1024))
    }

    // MARK: Messages of workers

    func didReceive(_ message: WireMessage, from worker: WorkerID) {
        guard let run, let peer = listener.peers[worker] else { return }
        let member = delegate?.member(worker)
        if let member, member.role != .joining {
            listener.traffic.recordMessage(
                after: clock.now - member.lastHeard, heartbeatTimeout: listener.timeout)
        }
        switch message.message {
        case let heartbeat as Heartbeat:
            listener.traffic.heartbeats += 1
            let event = event(of: heartbeat, from: worker, member, run.shape)
            delegate?.handle(event, in: message)
            delegate?.handle(.heard(worker, progress: heartbeat.progress), in: nil)
        case let request as AssetRequest:
            answer(worker) { run.assets.answer(request, from: worker) }
        case let request as SceneRequest:
            answer(worker) { run.assets.answer(request, from: worker) }
        case let goodbye as Goodbye: didLose(worker, .goodbye(goodbye.reason))
        case let failure as WorkFailure:
            handleFailure(of: peer, failure.reason, isDivergence: failure.isDivergence)
        default:
            // A worker that is not ready holds no lease and has no results.
            guard let member, member.role != .joining else { return }
            handleResult(message, from: worker, run.validator)
        }
    }

    /// Answers a worker's request for a part of a file or for a scan, now or later.
    private func answer(_ worker: WorkerID, with answer: () -> AssetAnswer) {
        // A worker that fetches sends requests instead of heartbeats.
        delegate?.handle(.fetching(worker), in: nil)
        // Scans are packed more slowly than they can be requested.
        guard pendingRequests[worker, default: 0] < listener.limits.pendingRequests else {
            return listener.lose(
                worker, .exceeded(.pendingRequests(listener.limits.pendingRequests)))
        }
        switch answer() {
        case .now(let message):
            listener.refund(worker)
            listener.send(message, to: worker)
        case .later:
            listener.refund(worker)
            pendingRequests[worker, default: 0] += 1
        case .none: break
        }
    }

    private func handleResult(
        _ message: WireMessage, from worker: WorkerID, _ validator: ResultValidator
    ) {
        let start = threadTime()
        do {
            guard
                let event = try validator.event(
                    of: message, from: worker, at: delegate?.step ?? -1)
            else { return }
            if case .partial = event {
                listener.traffic.gradients.bytes += message.payloads[0].count
                listener.traffic.gradients.time += threadTime() - start
            }
            delegate?.handle(event, in: message)
        } catch let error as ResultViolation where error.isDivergence {
            guard let peer = listener.peers[worker] else { return }
            handleFailure(of: peer, "it sent \(error)", isDivergence: true)
        } catch {
            didLose(worker, .invalidResult("\(error)"))
        }
    }

    /// The event of a heartbeat: a worker is ready or its capacity has changed; or it is alive.
    private func event(
        of heartbeat: Heartbeat, from worker: WorkerID, _ member: Member?, _ shape: StepShape
    ) -> CoordinatorMachine.Event {
        guard heartbeat.phase >= WorkerPhase.ready.rawValue else { return .heard(worker) }
        let threads = Self.limited(heartbeat.threads, shape)
        let count = min(Int(heartbeat.workers), listener.limits.connections)
        let isStandby = heartbeat.phase == WorkerPhase.standby.rawValue
        // A worker that delivered nothing before it connected anew is trusted again after a while, or
        // if there is no other.
        if member?.role == .joining, let peer = listener.peers[worker],
            demotions.contains(peer, at: clock.now), delegate?.readyWorkers ?? 0 > 0
        {
            return .heard(worker)
        }
        if let member, member.role != .joining,
            (member.threads, member.workerCount) == (threads, count),
            // A standby worker that became active says so only once it is leased work.
            member.role == .active || isStandby
        {
            return .heard(worker)
        }
        return .ready(worker, threads: threads, workers: count, isStandby: isStandby)
    }

    /// A worker cannot do its work: if no other can either, the run ends.
    private func handleFailure(of peer: Peers.Peer, _ reason: String, isDivergence: Bool) {
        // A worker that holds no work fails alone: it could not open the data, for one.
        guard delegate?.member(peer.id)?.role == .active else {
            return didLose(peer.id, .failed(reason))
        }
        demote(peer)
        delegate?.handle(
            .failed(
                peer.id, reason: "\(peer.nameAndKey): \(reason)", isDivergence: isDivergence),
            in: nil)
        remove(peer.id, .failed(reason))
    }

    func didLose(_ worker: WorkerID, _ reason: LossReason) {
        guard let peer = listener.peers[worker] else { return }
        let member = delegate?.member(worker)
        if member?.reliability.isBad == true || reason.isOffence { demote(peer) }
        if member != nil {
            delegate?.handle(.left(worker, reason: reason), in: nil)
        } else {
            record(.lost(worker, name: peer.nameAndKey, reason: reason, reissued: 0))
        }
        remove(worker, reason)
    }

    @discardableResult
    func remove(_ worker: WorkerID, _ reason: LossReason) -> Peers.Peer? {
        weights?.remove(worker)
        pendingRequests[worker] = nil
        return listener.remove(worker, reason)
    }

    /// Has a worker wait for work when it connects anew.
    func demote(_ peer: Peers.Peer) {
        demotions.record(
            peer, until: clock.now + listener.timeout * listener.limits.probation, at: clock.now)
    }

    func answer(_ request: StatusRequest) throws -> WireMessage {
        guard let delegate else { return WireMessage(Refusal(reason: "There is no run.")) }
        return try delegate.answer(request)
    }

    func record(_ event: ClusterEvent) { delegate?.record(event) }
}
