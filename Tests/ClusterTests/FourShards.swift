import Cluster
import Tensors
import Training

extension CoordinatorMachine {
    /// A coordinator with four micro-shards of one cloud each and two workers of one thread each, which
    /// have just joined.
    init(ofFourShards settings: Settings) {
        self.init(settings: settings) { _ in
            (0..<4).map { Lease.Shard(shard: $0, samples: [.init(sample: $0, place: $0)]) }
        }
        for worker in [1, 2] as [WorkerID] { _ = handle(.ready(worker, threads: 1), at: .zero) }
    }

    /// Handles a worker's gradient in the only bucket, and its report.
    ///
    /// - Parameter seconds: the time that the report states.
    @discardableResult
    mutating func deliver(
        _ node: TreeNode, by worker: WorkerID, step: Int, seconds: Double = 0, value: Float = 1,
        at now: Duration
    ) -> [Action] {
        var times = ShardTimes()
        times[.backward] = .seconds(seconds)
        let report = ShardReport(values: [0], times: times)
        return handle(
            .partial(worker, step: step, node: node, bucket: 0, Tensor(value)), at: now)
            + handle(.report(worker, step: step, node: node, report), at: now)
    }
}
