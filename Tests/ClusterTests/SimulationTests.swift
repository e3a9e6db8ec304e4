import ClusterTesting
import Testing

/// The whole protocol over a network in memory: whatever goes wrong, the weights are the same.
@Suite struct SimulationTests {
    @Test(arguments: [1, 3, 4, 7], [true, false])
    func weightsDoNotDependOnTheWorkers(shards: Int, exchange: Bool) throws {
        var digests: Set<UInt64> = []
        for threads in [[1], [2], [1, 1], [1, 2, 1], [1, 1, 1, 1, 1], [8]] {
            var cluster = SimulatedCluster(
                steps: 6, shards: shards, exchange: exchange, workers: threads, seed: 1)
            let ended = cluster.run()
            let outcome = try #require(ended)
            #expect(outcome.steps == 6)
            #expect(outcome.validated == 21, "seven samples, after steps 2, 4 and 6")
            digests.insert(outcome.digest)
        }
        #expect(digests.count == 1)
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func weightsDoNotDependOnWhatGoesWrong(seed: UInt64) throws {
        var calm = SimulatedCluster(steps: 8, shards: 5, workers: [1], seed: 0)
        let calmly = calm.run()
        let expected = try #require(calmly)
        var stormy = SimulatedCluster(
            steps: 8, shards: 5, workers: [1, 2, 1], seed: seed,
            faults: .init(duplicated: 0.2, cut: 0.01, delay: 0.5, killed: 0.005))
        let ended = stormy.run()
        let outcome = try #require(ended, "seed \(seed) does not end")
        #expect(outcome.digest == expected.digest, "seed \(seed)")
        #expect(outcome.steps == 8 && outcome.validated == expected.validated, "seed \(seed)")
    }

    @Test func faultsDoHappen() throws {
        var deaths = 0
        var duplicates = 0
        for seed in 0..<20 as Range<UInt64> {
            var stormy = SimulatedCluster(
                steps: 8, shards: 5, workers: [1, 2, 1], seed: seed,
                faults: .init(duplicated: 0.2, cut: 0.01, delay: 0.5, killed: 0.005))
            let ended = stormy.run()
            let outcome = try #require(ended)
            deaths += outcome.deaths
            duplicates += outcome.duplicates
        }
        #expect(deaths > 20 && duplicates > 100)
    }
}
