import Cluster
import Testing

@Suite struct MissingWorkersTests {
    /// The minimum counts before the first step only; afterwards one worker is enough.
    @Test("the machine knows how many workers are missing")
    func numberOfMissingWorkersIsKnown() {
        var machine = CoordinatorMachine(
            settings: .init(shards: 2, buckets: 1, exchanges: 0, steps: 3, minimumWorkers: 2)
        ) { _ in (0..<2).map { Lease.Shard(shard: $0, samples: []) } }
        #expect(machine.missingWorkers == 2)
        _ = machine.handle(.ready(1, threads: 1), at: .zero)
        #expect(machine.missingWorkers == 1)
        _ = machine.handle(.ready(2, threads: 1), at: .zero)
        #expect(machine.missingWorkers == 0)
        _ = machine.handle(.left(1, reason: .connectionLost), at: .zero)
        #expect(machine.missingWorkers == 0)
        _ = machine.handle(.left(2, reason: .connectionLost), at: .zero)
        #expect(machine.missingWorkers == 1)
        _ = machine.handle(.stop(reason: "enough"), at: .zero)
        #expect(machine.missingWorkers == 0)
    }
}
