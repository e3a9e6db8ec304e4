import Cluster
import ClusterTesting
import Testing
import Training

/// Simulated runs with faults: whatever fails, the weights are those of a run without faults.
@Suite struct SimulationTests {
    #if DEBUG
        static let hundreds: UInt64 = 10
    #else
        static let hundreds: UInt64 = 100
    #endif

    @Test(arguments: [1, 3, 4, 7], [0, 1, 2])
    func weightsDoNotDependOnWorkers(shards: Int, exchanges: Int) throws {
        var digests: Set<UInt64> = []
        for threads in [[1], [2], [1, 1], [1, 2, 1], [1, 1, 1, 1, 1], [8]] {
            let cluster = SimulatedCluster(
                steps: 6, shards: shards, exchanges: exchanges, workers: threads, seed: 1)
            let ended = cluster.run()
            let outcome = try #require(ended)
            #expect(outcome.steps == 6)
            #expect(outcome.validated == 21, "seven samples, after steps 2, 4 and 6")
            digests.insert(outcome.digest)
        }
        #expect(digests.count == 1)
    }

    /// Sums that are rounded at every node have other bits, and the same ones for any number of workers
    /// and through faults.
    @Test(arguments: [1, 3, 5, 8])
    func roundedSumsDoNotDependOnWorkers(shards: Int) throws {
        func digest(
            _ wire: GradientWire, _ threads: [Int], _ seed: UInt64 = 1,
            _ faults: SimulatedCluster.Faults = .init()
        ) throws -> UInt64 {
            let cluster = SimulatedCluster(
                steps: 6, shards: shards, workers: threads, wire: wire, seed: seed, faults: faults)
            let ended = cluster.run()
            return try #require(ended).digest
        }
        let narrow = try digest(.bfloat16, [1])
        #expect(try narrow != digest(.float32, [1]))
        for threads in [[2], [1, 1], [1, 2, 1], [1, 1, 1, 1, 1], [8]] {
            #expect(try digest(.bfloat16, threads) == narrow, "\(threads)")
        }
        for seed in 0..<20 as Range<UInt64> {
            let faults = SimulatedCluster.Faults(
                duplicated: 0.2, cut: 0.01, delay: 0.5, killed: 0.005)
            #expect(try digest(.bfloat16, [1, 2, 1], seed, faults) == narrow, "seed \(seed)")
        }
    }

    /// Checks that a run with faults has the weights and validations of one without.
    private func check(
        _ ended: SimulatedCluster.Outcome?, against calm: SimulatedCluster.Outcome, steps: Int,
        seed: UInt64
    ) throws {
        let outcome = try #require(ended, "seed \(seed) does not end")
        #expect(outcome.digest == calm.digest, "seed \(seed)")
        #expect(outcome.steps == steps && outcome.validated == calm.validated, "seed \(seed)")
    }

    @Test(arguments: 0..<200 as Range<UInt64>)
    func weightsDoNotDependOnFaults(seed: UInt64) throws {
        let calm = SimulatedCluster(steps: 8, shards: 5, workers: [1], seed: 0)
        let calmly = calm.run()
        let expected = try #require(calmly)
        let stormy = SimulatedCluster(
            steps: 8, shards: 5, workers: [1, 2, 1], seed: seed,
            faults: .init(duplicated: 0.2, cut: 0.01, delay: 0.5, killed: 0.005))
        try check(stormy.run(), against: expected, steps: 8, seed: seed)
    }

    /// Standby workers replace lost ones, also when no other workers are left.
    @Test(arguments: 0..<100 as Range<UInt64>)
    func standbyWorkersChangeNoBit(seed: UInt64) throws {
        let calm = SimulatedCluster(steps: 8, shards: 5, workers: [1], seed: 0)
        let calmly = calm.run()
        let expected = try #require(calmly)
        let stormy = SimulatedCluster(
            steps: 8, shards: 5, workers: [1, 2], standby: 1 + Int(seed % 3), seed: seed,
            faults: .init(
                duplicated: 0.2, cut: 0.01, delay: 0.5, killed: 0.01,
                restarted: seed % 2 == 0 ? 0 : 0.002))
        try check(stormy.run(), against: expected, steps: 8, seed: seed)
    }

    /// Two exchanges per step, and averages beside the weights: at every step, or for labels only.
    @Test(arguments: 0..<50 as Range<UInt64>, [WeightsParts.Averages.steps, .labels])
    func secondExchangesAndAveragesSurviveFaults(
        seed: UInt64, averages: WeightsParts.Averages
    ) throws {
        let calm = SimulatedCluster(
            steps: 6, shards: 5, exchanges: 2, workers: [1], averages: averages, seed: 0)
        let calmly = calm.run()
        let expected = try #require(calmly)
        let stormy = SimulatedCluster(
            steps: 6, shards: 5, exchanges: 2, workers: [1, 2, 1], averages: averages, seed: seed,
            faults: .init(duplicated: 0.2, cut: 0.01, delay: 0.5, killed: 0.005))
        try check(stormy.run(), against: expected, steps: 6, seed: seed)
    }

    @Test func averagesAndSecondExchangesEnterTheWeights() throws {
        var digests: Set<UInt64> = []
        for (exchanges, averages) in [
            (1, WeightsParts.Averages.unused), (2, .unused), (1, .steps), (1, .labels),
        ] {
            let cluster = SimulatedCluster(
                steps: 4, shards: 3, exchanges: exchanges, workers: [1], averages: averages, seed: 1
            )
            let ended = cluster.run()
            digests.insert(try #require(ended).digest)
        }
        #expect(digests.count == 3, "averages for labels change nothing else")
    }

    /// All faults at once: also workers that hang for less or more than the heartbeat timeout, and a
    /// coordinator that is killed between any two of its actions.
    ///
    /// Ten thousand runs in release builds, and a tenth of them in debug builds.
    @Test(arguments: 0..<hundreds)
    func hangsAndRestartsChangeNoBit(hundred: UInt64) throws {
        let calm = SimulatedCluster(steps: 6, shards: 5, workers: [1], seed: 0)
        let calmly = calm.run()
        let expected = try #require(calmly)
        for seed in 100 * hundred..<100 * (hundred + 1) {
            try check(Self.stormy(seed: seed), against: expected, steps: 6, seed: seed)
        }
    }

    private static func stormy(seed: UInt64) -> SimulatedCluster.Outcome? {
        let cluster = SimulatedCluster(
            steps: 6, shards: 5, workers: [1, 2, 1], seed: seed,
            faults: .init(
                duplicated: 0.1, cut: 0.004, delay: 0.2, killed: 0.002, hung: 0.004,
                restarted: 0.002, slow: 3))
        return cluster.run()
    }

    @Test func everyFaultHappens() throws {
        var sum = SimulatedCluster.Outcome()
        for seed in 0..<200 as Range<UInt64> {
            let ended = Self.stormy(seed: seed)
            let outcome = try #require(ended)
            sum.deaths += outcome.deaths
            sum.duplicates += outcome.duplicates
            sum.reissued += outcome.reissued
            sum.restarts += outcome.restarts
            #expect(outcome.contradictions == 0, "no worker computes wrongly")
        }
        #expect(sum.deaths > 200 && sum.duplicates > 500 && sum.restarts > 20, "\(sum)")
    }

    /// Workers that hang and none that is killed: what they hold is leased to others well before they
    /// would be removed.
    @Test func overdueNodesAreLeasedAgain() throws {
        var reissued = 0
        for seed in 0..<50 as Range<UInt64> {
            let cluster = SimulatedCluster(
                steps: 8, shards: 6, workers: [1, 1, 1], seed: seed,
                faults: .init(delay: 0.05, hung: 0.01))
            let ended = cluster.run()
            reissued += try #require(ended).reissued
        }
        #expect(reissued > 30)
    }

    @Test func lossesAndDuplicatesHappen() throws {
        var deaths = 0
        var duplicates = 0
        for seed in 0..<20 as Range<UInt64> {
            let stormy = SimulatedCluster(
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
