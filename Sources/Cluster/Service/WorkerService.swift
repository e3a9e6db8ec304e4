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
    /// The difference of a worker's arithmetic from the run's; nil if there is none.
    func numericsMismatch(of hello: Hello) -> NumericsMismatch?
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
    private var weights: WeightsStore<WireMessage>?
    private let admitsOtherNumerics: Bool
    private let clock: MonotonicClock
    private var failures = FailureHistory()
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
        weights = WeightsStore(run.parts)
        listener.session = session
        let clients = waiting
        waiting = []
        for (hello, caller) in clients where caller.connection.map(listener.isOpen) ?? true {
            didReceiveHello(hello, from: caller)
        }
    }

    /// Sends workers a last message and removes them.
    func close(_ message: WireMessage) {
        (run, weights) = (nil, nil)
        let workers = listener.peers.all.map(\.id)
        listener.send(message, to: workers)
        for worker in workers { listener.peers.remove(worker) }
    }

    /// Handles the messages that have arrived, and answers requests whose scans are packed.
    func receive(while isWanted: () -> Bool) throws {
        try listener.receive(while: isWanted)
        for reply in run?.assets.takeAnswers() ?? [] where isWanted() {
            offer(reply.message, to: reply.worker)
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
        if let mismatch = delegate?.numericsMismatch(of: hello) {
            guard admitsOtherNumerics else {
                return listener.reject(caller.route, .numerics(mismatch))
            }
            record(.admittedDespite(mismatch))
        }
        listener.admit(hello, from: caller, run.welcome, assetBytes: run.assets.teacherBytes)
    }

    func didAdmit(_ worker: WorkerID, _ hello: Hello) {
        delegate?.handle(.joined(worker, threads: Int(hello.threads)), in: nil)
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
            delegate?.handle(event(of: heartbeat, from: worker, member), in: message)
        case let request as AssetRequest:
            // A worker that fetches sends requests instead of heartbeats.
            delegate?.handle(.heard(worker), in: nil)
            if let answer = run.assets.answer(request, from: worker) { offer(answer, to: worker) }
        case let request as SceneRequest:
            delegate?.handle(.heard(worker), in: nil)
            if let answer = run.assets.answer(request, from: worker) { offer(answer, to: worker) }
        case let goodbye as Goodbye: didLose(worker, .goodbye(goodbye.reason))
        case let stop as Stop: handleFailure(of: peer, stop.reason)
        default:
            // A worker that is not ready holds no lease and has no results.
            guard let member, member.role != .joining else { return }
            handleResult(message, from: worker, run.validator)
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
        } catch {
            didLose(worker, .invalidResult("\(error)"))
        }
    }

    /// The event of a heartbeat: a worker is ready or its capacity has changed; or it is alive.
    private func event(
        of heartbeat: Heartbeat, from worker: WorkerID, _ member: Member?
    ) -> CoordinatorMachine.Event {
        guard heartbeat.phase >= WorkerPhase.ready.rawValue else { return .heard(worker) }
        let (threads, count) = (Int(heartbeat.threads), Int(heartbeat.workers))
        let isStandby = heartbeat.phase == WorkerPhase.standby.rawValue
        if let member, member.role != .joining,
            (member.threads, member.workerCount) == (threads, count),
            // A standby worker that became active says so only once it is leased work.
            member.role == .active || isStandby
        {
            return .heard(worker)
        }
        return .ready(worker, threads: threads, workers: count, isStandby: isStandby)
    }

    /// A worker cannot do its work: if a second one cannot either, the run ends.
    private func handleFailure(of peer: Peers.Peer, _ reason: String) {
        // A worker whose machine is at fault would otherwise end the run by connecting anew.
        let isRepeated = failures.isRepeated(byKey: peer.userID, at: delegate?.step ?? -1)
        if isRepeated, let delegate, delegate.readyWorkers > 1 {
            return didLose(peer.id, .failedAgain(reason))
        }
        // A worker that holds no work fails alone: it could not open the data, for one.
        guard delegate?.member(peer.id)?.role == .active else {
            return didLose(peer.id, .failed(reason))
        }
        delegate?.handle(.failed(peer.id, reason: "\(peer.name): \(reason)"), in: nil)
        remove(peer.id)
    }

    func didLose(_ worker: WorkerID, _ reason: LossReason) {
        guard let peer = listener.peers[worker] else { return }
        if delegate?.member(worker) != nil {
            delegate?.handle(.left(worker, reason: reason), in: nil)
        } else {
            record(.lost(worker, name: peer.name, reason: reason, reissued: 0))
        }
        remove(worker)
    }

    @discardableResult
    private func remove(_ worker: WorkerID) -> Peers.Peer? {
        weights?.remove(worker)
        return listener.peers.remove(worker)
    }

    func answer(_ request: StatusRequest) throws -> WireMessage {
        guard let delegate else { return WireMessage(Refusal(reason: "There is no run.")) }
        return try delegate.answer(request)
    }

    func record(_ event: ClusterEvent) { delegate?.record(event) }

    // MARK: Messages to workers

    /// Answers a request for a file or a scan; the request does not count as a flood.
    private func offer(_ message: WireMessage, to worker: WorkerID) {
        listener.expect(1, of: worker)
        listener.send(message, to: worker)
    }

    /// Makes a part of the weights available and sends it to the workers that need it.
    func publish(_ message: WireMessage, _ part: WeightsDistributor.Part) {
        let receivers = weights?.add(message, part) ?? []
        listener.send(message, to: receivers)
    }

    /// Sends workers what an action says to them, after the weights they need for it.
    ///
    /// - Parameter sendingWeights: calls its argument, which sends weights; measures it, if need be.
    func carryOut(
        _ action: CoordinatorMachine.Action, sendingWeights: (() -> Void) -> Void = { $0() }
    ) {
        guard let run else { return }
        switch action {
        case .lease(let worker, let lease):
            sendingWeights { sendWeights(for: .step, lease.step, to: worker) }
        case .evaluate(let worker, let version, _):
            sendingWeights { sendWeights(for: .labels, version, to: worker) }
        case .contradicted(let step, let node, let first, let second):
            let names = [first, second].map { listener.peers[$0]?.name ?? "worker \($0)" }
            record(
                .contradicted(
                    step: step, shards: node.shards(of: run.shape.shards), first: names[0],
                    second: names[1]))
        case .dismissed(let worker, let reason, let reissued):
            guard let peer = remove(worker) else { return }
            record(.lost(worker, name: peer.name, reason: reason, reissued: reissued))
        default: break
        }
        guard let instruction = Instruction(action, run.shape) else { return }
        if instruction.requestedMessages > 0 {
            for worker in instruction.workers {
                listener.expect(instruction.requestedMessages, of: worker)
            }
        }
        listener.send(instruction.message, to: instruction.workers)
    }

    private func sendWeights(
        for work: WeightsDistributor.Work, _ version: Int, to worker: WorkerID
    ) {
        for (_, message) in weights?.assign(work, to: worker, version: version) ?? [] {
            listener.send(message, to: worker)
        }
    }
}
