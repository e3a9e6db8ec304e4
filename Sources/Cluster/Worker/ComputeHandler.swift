import Messages
import ZeroMQ

/// A worker's trade: it computes micro-shards and labels samples on threads of its own.
final class ComputeHandler: SessionHandler {
    private let pool: ComputePool
    private var work:
        (machine: WorkerMachine, bench: ShardExecutor, outcomes: Inbox<ShardExecutor.Outcome>)?

    /// Until it is given work for the first time: who has taken a place keeps it, whatever becomes of
    /// the coordinator.
    private(set) var isSpare: Bool

    init(on pool: ComputePool, isSpare: Bool = false) {
        self.pool = pool
        self.isSpare = isSpare
    }

    var strength: (threads: Int, workers: Int) { (pool.threads, work == nil ? 0 : 1) }

    func watch(with poller: inout Poller) {}

    func open(_ welcome: Welcome, _ context: WorkerContext, _ session: WorkerSession) throws {
        let outcomes = Inbox<ShardExecutor.Outcome> { [waker = session.waker] in waker.wake() }
        work = (context.machine, context.bench(on: pool) { outcomes.post($0) }, outcomes)
    }

    func hear(_ parcel: WireMessage, _ session: WorkerSession) throws {
        guard let bench = work?.bench,
            let event = try WorkerMachine.Event(parcel, shards: bench.shards)
        else { return }
        if isSpare, event.isWork {
            isSpare = false
            pool.rise()
            session.settings.log("takes the place of one that was lost")
        }
        try take(event, session)
    }

    func turn(_ session: WorkerSession) throws {
        for outcome in work?.outcomes.drain() ?? [] {
            switch outcome {
            case .failure(let reason): try session.giveUp(reason)
            case .event(let event): try take(event, session)
            }
        }
    }

    func close(_ end: WorkerSession.End) { work = nil }

    private func take(_ event: WorkerMachine.Event, _ session: WorkerSession) throws {
        guard let actions = work?.machine.handle(event), let bench = work?.bench else { return }
        for action in actions where !bench.carryOut(action) {
            if let parcel = WireMessage(action, bench.wire, bench.statistics) {
                try session.say(parcel)
            }
        }
    }
}
