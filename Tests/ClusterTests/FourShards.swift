import Cluster

extension CoordinatorMachine {
    /// A coordinator that shares four micro-shards of a cloud each between two workers of a thread
    /// each, which have just joined.
    init(ofFourShards settings: Settings) {
        self.init(settings: settings) { _ in
            (0..<4).map { Lease.Shard(shard: $0, samples: [.init(sample: $0, place: $0)]) }
        }
        for worker in [1, 2] as [WorkerID] { _ = handle(.ready(worker, threads: 1), at: .zero) }
    }
}
