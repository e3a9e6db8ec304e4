import Messages
import Training
import ZeroMQ

// Messages to workers.

extension WorkerService {
    /// Makes a part of the weights available and sends it to the workers that need it.
    func publish(_ message: WireMessage, _ part: WeightsDistributor.Part) {
        partBytes[part.index] = message.payloads.reduce(0) { $0 + $1.count }
        // The version in use and the one in the making, and as much again for a slow connection.
        listener.weightsBytes = 4 * partBytes.values.reduce(0, +)
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
            let names = [first, second].map { listener.peers[$0]?.nameAndKey ?? "worker \($0)" }
            record(
                .contradicted(
                    step: step, shards: node.shards(of: run.shape.shards), first: names[0],
                    second: names[1]))
        case .dismissed(let worker, let reason, let reissued):
            guard let peer = remove(worker, reason) else { return }
            if reason.isOffence { demote(peer) }
            record(.lost(worker, name: peer.nameAndKey, reason: reason, reissued: reissued))
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
