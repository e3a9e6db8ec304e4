import Cluster
import ClusterTesting
import Testing

/// The whole protocol over a network in memory: whatever goes wrong, the weights are the same.
@Suite struct SimulationTests {
    @Test(arguments: [1, 3, 4, 7], [0, 1, 2])
    func weightsDoNotDependOnTheWorkers(shards: Int, exchanges: Int) throws {
        var digests: Set<UInt64> = []
        for threads in [[1], [2], [1, 1], [1, 2, 1], [1, 1, 1, 1, 1], [8]] {
            var cluster = SimulatedCluster(
                steps: 6, shards: shards, exchanges: exchanges, workers: threads, seed: 1)
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

    /// Two exchanges a step, and averages beside the weights: at every step, or for labels alone.
    @Test(arguments: 0..<50 as Range<UInt64>, [WeightsParts.Averages.steps, .labels])
    func secondExchangesAndAveragesSurviveAsWell(
        seed: UInt64, averages: WeightsParts.Averages
    ) throws {
        var calm = SimulatedCluster(
            steps: 6, shards: 5, exchanges: 2, workers: [1], averages: averages, seed: 0)
        let calmly = calm.run()
        let expected = try #require(calmly)
        var stormy = SimulatedCluster(
            steps: 6, shards: 5, exchanges: 2, workers: [1, 2, 1], averages: averages, seed: seed,
            faults: .init(duplicated: 0.2, cut: 0.01, delay: 0.5, killed: 0.005))
        let ended = stormy.run()
        let outcome = try #require(ended, "seed \(seed) does not end")
        #expect(outcome.digest == expected.digest, "seed \(seed)")
        #expect(outcome.steps == 6 && outcome.validated == expected.validated, "seed \(seed)")
    }

    @Test func averagesAndSecondExchangesEnterTheWeights() throws {
        var digests: Set<UInt64> = []
        for (exchanges, averages) in [
            (1, WeightsParts.Averages.unused), (2, .unused), (1, .steps), (1, .labels),
        ] {
            var cluster = SimulatedCluster(
                steps: 4, shards: 3, exchanges: exchanges, workers: [1], averages: averages, seed: 1
            )
            let ended = cluster.run()
            digests.insert(try #require(ended).digest)
        }
        #expect(digests.count == 3, "averages for labels change nothing else")
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
