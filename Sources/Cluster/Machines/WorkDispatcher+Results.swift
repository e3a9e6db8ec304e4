import Distillation
import Tensors
import Training

// The results that members send: each counts only if the member was leased what it is of.

extension WorkDispatcher {
    /// Inserts contributions of micro-shards that the worker was leased.
    mutating func receive(
        _ parts: [Contribution], step number: Int, node: TreeNode, round: Int,
        from worker: WorkerID, at now: Duration, _ actions: inout [Action]
    ) -> [Completion] {
        guard step?.step == number, leases.isLeased(within: node, to: worker) else {
            counts.duplicates += 1
            return []
        }
        do {
            guard
                let complete = try step!.insert(parts, of: node, round: round, from: worker)
            else { return [] }
            lastAdvance = now
            return complete.map { .contribution($0.node, round: round, $0.sums) }
        } catch {
            remove(worker, reason: .invalidResult("\(error)"), &actions)
            return []
        }
    }

    /// Inserts a gradient of a node that the worker was leased.
    mutating func receive(
        _ gradient: Tensor, step number: Int, node: TreeNode, bucket: Int, from worker: WorkerID,
        at now: Duration, _ actions: inout [Action]
    ) -> [Completion] {
        guard step?.step == number, leases.isLeased(node, to: worker) else {
            counts.duplicates += 1
            return []
        }
        leases.recordDelivery(of: node, .gradient(bucket: bucket), by: worker)
        let insertion = step!.insert(
            gradient, of: node, bucket: bucket, from: worker, isDoubled: leases.isDoubled(node))
        switch insertion {
        case .known: counts.duplicates += 1
        case .contradicted(let other):
            counts.duplicates += 1
            counts.contradictions += 1
            actions.append(.contradicted(step: number, node: node, other, worker))
        case .inserted(let complete):
            lastAdvance = now
            return complete.map { .gradient($0.node, bucket: bucket, $0.sum) }
        }
        return []
    }

    /// Inserts a report of a node that the worker was leased.
    mutating func receive(
        _ report: ShardReport, step number: Int, node: TreeNode, from worker: WorkerID,
        at now: Duration
    ) -> [Completion] {
        guard let limit = mostWork(on: node, step: number, by: worker, at: now) else {
            counts.duplicates += 1
            return []
        }
        leases.recordDelivery(of: node, .report, by: worker)
        let report = report.limiting(work: limit)
        membership.record(
            report.times, shards: node.shards(of: shape.shards).count, of: worker)
        guard case .inserted(let complete)? = step?.insert(report, of: node) else {
            counts.duplicates += 1
            return []
        }
        lastAdvance = now
        return complete.map { .report($0.node, $0.sum) }
    }

    /// Records the label of a sample that the worker was leased, and leases it more.
    mutating func receive(
        _ matrix: ConfusionMatrix, version: Int, sample: Int, from worker: WorkerID,
        at now: Duration, _ actions: inout [Action]
    ) -> [Completion] {
        guard validation?.version == version else { return [] }
        guard let forfeiting = validation!.complete(sample, by: worker, at: now) else { return [] }
        for other in forfeiting {
            membership.recordForfeit(by: other, of: 0, step: version, after: .zero)
        }
        lastAdvance = now
        // No other worker has more room than before, and a look at each of a thousand workers for each
        // sample is slow.
        leaseSamples(to: [worker], at: now, &actions)
        return [.label(sample: sample, matrix)]
    }
}
