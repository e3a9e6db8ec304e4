package import Cluster
import Distillation
import Tensors
import Training

/// Executor of a synthetic run, whose results are finished when its owner says so.
package final class SyntheticExecutor: ShardExecuting {
    private let plan: SyntheticPlan
    /// The time that reports state for a micro-shard.
    private let shardTime: Duration
    private let post: @Sendable (JobResult) -> Void
    /// The weights that each micro-shard in progress is computed with.
    private var weights: [Int: WeightsVersion] = [:]
    /// Results in the order in which they are finished.
    private var results: [JobResult] = []
    package private(set) var progress: UInt64 = 0

    /// An executor without work.
    ///
    /// - Parameter shardTime: the time that reports state for a micro-shard.
    package init(
        _ plan: SyntheticPlan, shardTime: Duration = .milliseconds(10),
        post: @escaping @Sendable (JobResult) -> Void
    ) {
        self.plan = plan
        self.shardTime = shardTime
        self.post = post
    }

    package func leaveStandby() {}

    /// Results that are not finished.
    package var unfinished: Int { results.count }

    /// Finishes the next result; false if there is none.
    @discardableResult
    package func finishNext() -> Bool {
        guard !results.isEmpty else { return false }
        progress += 1
        post(results.removeFirst())
        return true
    }

    package func execute(_ action: WorkerMachine.Action) -> Bool {
        switch action {
        case .compute(let step, let shard, let weights):
            self.weights[shard.shard] = weights
            guard plan.shape.exchanges > 0 else {
                backward(step, shard.shard, total: 0)
                break
            }
            finish(
                .forwarded(
                    step: step, shard: shard.shard, round: 0,
                    [Contribution(counts: [Double(shard.shard)])]))
        case .respond(let step, let shards, let totals):
            for shard in shards {
                let count = totals[0].whole.counts[0] + Double(shard)
                finish(
                    .forwarded(
                        step: step, shard: shard, round: 1, [Contribution(counts: [count])]))
            }
        case .resume(let step, let shards, let totals):
            let total =
                totals[0].whole.counts[0] + 0.5 * (totals[0].responses.counts.first ?? 0)
            for shard in shards { backward(step, shard, total: total) }
        case .label(let sample, let weights):
            precondition(
                weights.areAverages == (plan.parts.averages != .unused), "Other weights.")
            var matrix = ConfusionMatrix(classes: 1)
            matrix.add(truth: [0], predicted: [0])
            finish(
                .evaluated(version: weights.version, sample: sample, matrix))
        case .forget, .rehearse: break
        default: return false
        }
        return true
    }

    private func finish(_ event: WorkerMachine.Event) { results.append(.event(event)) }

    private func backward(_ step: Int, _ shard: Int, total: Double) {
        guard let version = weights[shard] else { return }
        if let first = plan.divergesAt, step >= first {
            results.append(.divergence("the loss of micro-shard \(shard) is not finite"))
            return
        }
        let isOverflowing = plan.overflowsAt.map { step >= $0 } ?? false
        precondition(version.frozen.map(\.scalar) == plan.parts.frozenBuckets.map { Float($0) })
        let sums = zip(version.values.buckets, version.averages?.buckets ?? []).map { $0 + $1 }
        let values = sums.isEmpty ? version.values.buckets : sums
        for bucket in values.indices.reversed() {
            var random = CounterGenerator(
                seed: 1, step: step, sample: UInt64(shard), purpose: .init("gradient \(bucket)"))
            let noise = Tensor(rows: 1, columns: 3, (0..<3).map { _ in random.normal() })
            let gradient = values[bucket].scaled(by: Float(1 + total)) + noise
            finish(
                .gradient(
                    step: step, shard: shard, bucket: bucket,
                    isOverflowing ? Tensor(rows: 1, columns: 3, [1.2e38, 0, 0]) : gradient))
        }
        var times = ShardTimes()
        times[.backward] = shardTime
        finish(
            .finished(
                step: step, shard: shard, ShardReport(values: [1, 0, 0, 0, 0], times: times)))
    }
}
