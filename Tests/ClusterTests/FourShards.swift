import Cluster

extension CoordinatorMachine {
    /// A coordinator with four micro-shards of one cloud each and two workers of one thread each, which
    /// have just joined.
    init(ofFourShards settings: Settings) {
        self.init(settings: settings) { _ in
            (0..<4).map { Lease.Shard(shard: $0, samples: [.init(sample: $0, place: $0)]) }
        }
        for worker in [1, 2] as [WorkerID] { _ = handle(.ready(worker, threads: 1), at: .zero) }
    }
}
