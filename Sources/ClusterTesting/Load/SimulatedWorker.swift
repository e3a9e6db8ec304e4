import Cluster
import Distillation
import Messages
import Tensors
import Training
import ZeroMQ

/// One worker of a load test: a real connection and the real worker's machine, with a script in
/// place of the threads that compute.
final class SimulatedWorker {
    enum State {
        case calling
        case working
        /// The coordinator said that the run is over.
        case released
        /// Why it is lost.
        case lost(String)
    }

    private let name: String
    private let script: () throws -> ShardScript
    private let prepare: (Welcome) throws -> Void
    private(set) var socket: Socket
    private var machine: WorkerMachine?
    private(set) var state = State.calling
    private var runID = RunID.none
    private var epoch: UInt64 = 0
    private var timeout = Duration.seconds(5)
    private var lastHeard = ContinuousClock.now
    private var lastSpoken = ContinuousClock.now
    /// Results of micro-shards that are still to be "computed", and when they are due.
    private var due: [(at: ContinuousClock.Instant, event: WorkerMachine.Event)] = []
    /// Heartbeats it sent.
    private(set) var heartbeats = 0

    /// A worker that calls a coordinator.
    ///
    /// - Parameters:
    ///   - prepare: called with its welcome, before the script is asked for.
    init(
        _ name: String, endpoint: Endpoint, context: Context,
        prepare: @escaping (Welcome) throws -> Void, script: @escaping () throws -> ShardScript
    ) throws {
        self.name = name
        self.prepare = prepare
        self.script = script
        var options = SocketOptions()
        options.linger = .milliseconds(200)
        // All it sends is shared, so that a long queue costs no memory.
        options.sendHighWaterMark = 0
        socket = try Socket(.dealer, in: context, options: options)
        try socket.connect(to: endpoint)
    }

    /// Says its first words.
    func call(_ hello: Hello) throws {
        var hello = hello
        hello.name = name
        try say(WireMessage(hello))
    }

    var isOver: Bool {
        switch state {
        case .released, .lost: true
        case .calling, .working: false
        }
    }

    /// Takes whatever has arrived.
    func listen() throws {
        while !isOver, let message = try socket.receive() { try hear(message) }
    }

    /// Says what is due at this moment; loses the coordinator when it is silent for too long.
    func keepTime(_ now: ContinuousClock.Instant) throws {
        guard case .working = state else { return }
        while let first = due.first, first.at <= now {
            due.removeFirst()
            try take(first.event)
        }
        if now - lastHeard > timeout {
            state = .lost("nothing was heard of the coordinator for \(timeout)")
        } else if now - lastSpoken > timeout / 5 {
            try beat()
        }
    }

    private func hear(_ multipart: Multipart) throws {
        let frames = multipart.frames[...]
        let envelope = try WireMessage.envelope(of: frames)
        if case .working = state, envelope.run != runID || envelope.epoch != epoch {
            state = .lost("the coordinator took it for dead")
            return
        }
        lastHeard = .now
        let parcel = try WireMessage(envelope, frames)
        switch parcel.message {
        case let welcome as Welcome:
            (runID, epoch) = (envelope.run, envelope.epoch)
            timeout = .milliseconds(Int64(welcome.heartbeatTimeoutMilliseconds))
            try prepare(welcome)
            machine = try script().machine
            state = .working
            lastHeard = .now
            try beat()
        case let refusal as Refusal: state = .lost(refusal.reason)
        case is Stop: state = .released
        case let bucket as WeightsBucket:
            // The values came over the wire; what is computed with them is in the script.
            try take(.bucket(version: Int(bucket.version), index: Int(bucket.bucket), Tensor(0)))
        case let lease as Messages.Lease:
            guard let lease = lease.lease(shards: try script().shards) else { return }
            try take(.lease(lease))
        case let totals as Messages.Totals:
            try take(
                .totals(
                    step: Int(totals.step), round: Int(totals.round),
                    try parcel.contributions(totals.terms).map { .init($0) }))
        case let lease as EvaluationLease:
            try take(
                .evaluate(
                    version: Int(lease.weightsVersion), samples: lease.samples.map { Int($0) }))
        default: break
        }
    }

    private func take(_ event: WorkerMachine.Event) throws {
        var events = [event]
        while let event = events.popLast() {
            guard let actions = machine?.handle(event) else { return }
            for action in actions { events += try carryOut(action).reversed() }
        }
    }

    /// What the threads of a worker would say at once; what takes them time is put down as due.
    private func carryOut(_ action: WorkerMachine.Action) throws -> [WorkerMachine.Event] {
        let script = try script()
        switch action {
        case .compute(let step, let shard, _):
            guard script.contributions.isEmpty else {
                return [
                    .forwarded(
                        step: step, shard: shard.shard, round: 0, script.contributions[0])
                ]
            }
            backward(step, [shard.shard], script)
        case .respond(let step, let shards, _):
            return shards.map {
                .forwarded(step: step, shard: $0, round: 1, script.contributions[1])
            }
        case .resume(let step, let shards, _): backward(step, shards, script)
        case .label(let sample, let weights):
            return [.evaluated(version: weights.version, sample: sample, script.matrix)]
        case .forget(let step):
            due.removeAll {
                if case .finished(let other, _, _) = $0.event { other < step } else { false }
            }
        case .rehearse: break
        case .sendContribution, .sendPartial, .sendReport, .sendEvaluated:
            if let parcel = WireMessage(action, script.wire, script.statistics) { try say(parcel) }
        }
        return []
    }

    private func backward(_ step: Int, _ shards: [Int], _ script: ShardScript) {
        for shard in shards {
            let at = max(due.last?.at ?? .now, .now) + script.report.times[.backward]
            due += script.gradients.map {
                (at, .gradient(step: step, shard: shard, bucket: $0.bucket, $0.gradient))
            }
            due.append((at, .finished(step: step, shard: shard, script.report)))
        }
    }

    private func beat() throws {
        heartbeats += 1
        try say(
            WireMessage(
                Heartbeat(
                    progress: UInt64(heartbeats), phase: WorkerPhase.ready.rawValue)))
    }

    private func say(_ parcel: WireMessage) throws {
        lastSpoken = .now
        try socket.send(try parcel.frames(run: runID, epoch: epoch))
    }
}
