import Cluster
import Distillation
import Messages
import Tensors
import Training
import ZeroMQ

/// One worker of a load test: a real connection and the production state machine, with a script instead
/// of compute threads.
final class SimulatedWorker {
    enum State {
        case connecting
        case working
        /// The coordinator has ended the run.
        case released
        /// The worker has lost the coordinator, for this reason.
        case lost(String)
    }

    private let name: String
    private let script: () throws -> ShardScript
    private let prepare: (Welcome) throws -> Void
    private(set) var socket: Socket
    private var machine: WorkerMachine?
    private(set) var state = State.connecting
    private var runID = RunID.none
    private var epoch: UInt64 = 0
    private var timeout = Duration.seconds(5)
    private var lastReceived = ContinuousClock.now
    private var lastSent = ContinuousClock.now
    /// Scheduled results of micro-shards.
    private var due: [(at: ContinuousClock.Instant, event: WorkerMachine.Event)] = []
    /// The number of heartbeats sent.
    private(set) var heartbeats = 0

    /// A worker that connects to a coordinator.
    ///
    /// - Parameters:
    ///   - prepare: called with the welcome, before the script is requested.
    init(
        _ name: String, endpoint: Endpoint, context: Context,
        prepare: @escaping (Welcome) throws -> Void, script: @escaping () throws -> ShardScript
    ) throws {
        self.name = name
        self.prepare = prepare
        self.script = script
        var options = SocketOptions()
        options.linger = .milliseconds(200)
        // All workers send the same frames, so that a long queue takes no memory.
        options.sendHighWaterMark = 0
        socket = try Socket(.dealer, in: context, options: options)
        try socket.connect(to: endpoint)
    }

    /// Sends the hello.
    func connect(_ hello: Hello) throws {
        var hello = hello
        hello.name = name
        try send(WireMessage(hello))
    }

    var isOver: Bool {
        switch state {
        case .released, .lost: true
        case .connecting, .working: false
        }
    }

    /// Handles all received messages.
    func receiveAll() throws {
        while !isOver, let message = try socket.receive() { try handle(message) }
    }

    /// Sends results that are due, and a heartbeat if necessary; loses a coordinator that has been
    /// silent for the timeout.
    func advance(to now: ContinuousClock.Instant) throws {
        guard case .working = state else { return }
        while let first = due.first, first.at <= now {
            due.removeFirst()
            try handle(first.event)
        }
        if now - lastReceived > timeout {
            state = .lost("the coordinator sent nothing for \(timeout)")
        } else if now - lastSent > timeout / 5 {
            // At the interval of real workers, whose heartbeats are a part of the load.
            try sendHeartbeat()
        }
    }

    private func handle(_ multipart: Multipart) throws {
        let frames = multipart.frames[...]
        let envelope = try WireMessage.envelope(of: frames)
        if case .working = state, envelope.run != runID || envelope.epoch != epoch {
            state = .lost("the coordinator has removed the worker")
            return
        }
        lastReceived = .now
        let received = try WireMessage(envelope, frames)
        switch received.message {
        case let welcome as Welcome:
            (runID, epoch) = (envelope.run, envelope.epoch)
            timeout = .milliseconds(Int64(welcome.heartbeatTimeoutMilliseconds))
            try prepare(welcome)
            machine = try script().machine
            state = .working
            lastReceived = .now
            try sendHeartbeat()
        case let refusal as Refusal: state = .lost(refusal.reason)
        case is Stop: state = .released
        case let bucket as WeightsBucket:
            // The values are received for their traffic only: results come from the script.
            try handle(.bucket(version: Int(bucket.version), index: Int(bucket.bucket), Tensor(0)))
        case let lease as Messages.Lease:
            guard let lease = lease.lease(shards: try script().shards) else { return }
            try handle(.lease(lease))
        case let totals as Messages.Totals:
            try handle(
                .totals(
                    step: Int(totals.step), round: Int(totals.round),
                    try received.contributions(totals.terms).map { .init($0) }))
        case let lease as EvaluationLease:
            try handle(
                .evaluate(
                    version: Int(lease.weightsVersion), samples: lease.samples.map { Int($0) }))
        default: break
        }
    }

    private func handle(_ event: WorkerMachine.Event) throws {
        var events = [event]
        while let event = events.popLast() {
            guard let actions = machine?.handle(event) else { return }
            for action in actions { events += try perform(action).reversed() }
        }
    }

    /// Returns the events that a worker's threads produce immediately, and schedules those that take time.
    private func perform(_ action: WorkerMachine.Action) throws -> [WorkerMachine.Event] {
        let script = try script()
        switch action {
        case .compute(let step, let shard, _):
            guard script.contributions.isEmpty else {
                return [
                    .forwarded(
                        step: step, shard: shard.shard, round: 0, script.contributions[0])
                ]
            }
            scheduleGradients(step, [shard.shard], script)
        case .respond(let step, let shards, _):
            return shards.map {
                .forwarded(step: step, shard: $0, round: 1, script.contributions[1])
            }
        case .resume(let step, let shards, _): scheduleGradients(step, shards, script)
        case .label(let sample, let weights):
            return [.evaluated(version: weights.version, sample: sample, script.matrix)]
        case .forget(let step):
            due.removeAll {
                if case .finished(let other, _, _) = $0.event { other < step } else { false }
            }
        case .rehearse: break
        case .sendContribution, .sendPartial, .sendReport, .sendEvaluated:
            if let message = WireMessage(action, script.wire, script.statistics) {
                try send(message)
            }
        }
        return []
    }

    private func scheduleGradients(_ step: Int, _ shards: [Int], _ script: ShardScript) {
        for shard in shards {
            let at = max(due.last?.at ?? .now, .now) + script.report.times[.backward]
            due += script.gradients.map {
                (at, .gradient(step: step, shard: shard, bucket: $0.bucket, $0.gradient))
            }
            due.append((at, .finished(step: step, shard: shard, script.report)))
        }
    }

    private func sendHeartbeat() throws {
        heartbeats += 1
        try send(
            WireMessage(
                Heartbeat(
                    progress: UInt64(heartbeats), phase: WorkerPhase.ready.rawValue)))
    }

    private func send(_ message: WireMessage) throws {
        lastSent = .now
        try socket.send(try message.frames(run: runID, epoch: epoch))
    }
}
