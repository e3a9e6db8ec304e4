import Messages

/// A message that carries out an action of a machine, its receivers, and the number of messages that
/// it asks of each of them.
struct Instruction {
    let message: WireMessage
    let workers: [WorkerID]
    let requestedMessages: Int
}

extension Instruction {
    /// The message of an action; nil for actions that are not messages to workers.
    init?(_ action: CoordinatorMachine.Action, _ shape: StepShape) {
        switch action {
        case .lease(let worker, let lease):
            message = WireMessage(Messages.Lease(lease))
            workers = [worker]
            // Each node's gradient in every bucket, and its report.
            let results = lease.nodes.count * (shape.buckets + 1)
            requestedMessages = results + lease.shards.count * shape.exchanges
        case .totals(let receivers, let step, let round, let totals):
            message = .totals(step: step, round: round, totals)
            workers = receivers
            requestedMessages = 0
        case .evaluate(let worker, let version, let samples):
            message = WireMessage(
                EvaluationLease(
                    weightsVersion: UInt64(version), samples: samples.map(UInt64.init)))
            workers = [worker]
            requestedMessages = samples.count
        default: return nil
        }
    }
}
