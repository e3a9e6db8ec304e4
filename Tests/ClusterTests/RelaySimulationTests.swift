import Cluster
import ClusterTesting
import Testing
import Training

/// Simulated runs with relays: whatever fails, the weights are those of a single worker.
@Suite struct RelaySimulationTests {
    #if DEBUG
        static let storms: UInt64 = 80
    #else
        static let storms: UInt64 = 800
    #endif

    private static func outcome(
        _ exchanges: Int = 1, workers: [Int], behind: [[Int]] = [],
        averages: WeightsParts.Averages = .unused, wire: GradientWire = .float32,
        seed: UInt64 = 0, faults: SimulatedCluster.Faults = .init()
    ) throws -> SimulatedCluster.Outcome {
        let cluster = SimulatedCluster(
            steps: 6, shards: 7, exchanges: exchanges, workers: workers, behind: behind,
            averages: averages, wire: wire, seed: seed, faults: faults)
        let ended = cluster.run()
        return try #require(ended, "seed \(seed) does not end")
    }

    @Test(arguments: [0, 1, 2], [GradientWire.float32, .bfloat16])
    func weightsDoNotDependOnRelays(exchanges: Int, wire: GradientWire) throws {
        let alone = try Self.outcome(exchanges, workers: [1], wire: wire)
        for (workers, behind) in [
            ([], [[1, 1], [1, 1]]), ([1], [[1, 2, 1]]), ([2, 1], [[1], [1, 1, 1]]),
            ([], [[1, 1, 1, 1, 1, 1, 1]]),
        ] as [([Int], [[Int]])] {
            let relayed = try Self.outcome(
                exchanges, workers: workers, behind: behind, wire: wire)
            #expect(relayed.digest == alone.digest, "\(workers) \(behind)")
            #expect(relayed.steps == 6 && relayed.validated == alone.validated)
            #expect(relayed.deaths == 0)
        }
    }

    /// The coordinator receives messages in proportion to its own relays and workers, not to all
    /// workers.
    @Test func relaysSendSumsOfWholeSubtrees() throws {
        let direct = try Self.outcome(workers: [1, 1, 1, 1, 1, 1, 1])
        let relayed = try Self.outcome(workers: [], behind: [[1, 1, 1, 1, 1, 1, 1]])
        // Three buckets; the first step is leased to the worker that is ready first.
        #expect(direct.gradients == 3 * (1 + 5 * 7))
        #expect(relayed.gradients == 3 * 6)
    }

    @Test(arguments: 0..<storms)
    func weightsDoNotDependOnFaults(seed: UInt64) throws {
        let alone = try Self.outcome(workers: [1])
        let stormy = try Self.outcome(
            workers: [1], behind: [[1, 2], [1, 1]], seed: seed, faults: Self.storm)
        #expect(stormy.digest == alone.digest, "seed \(seed)")
        #expect(stormy.validated == alone.validated && stormy.contradictions == 0, "seed \(seed)")
    }

    @Test(arguments: 0..<storms / 4, [WeightsParts.Averages.steps, .labels])
    func secondExchangesAndAveragesSurviveFaults(
        seed: UInt64, averages: WeightsParts.Averages
    ) throws {
        let alone = try Self.outcome(2, workers: [1], averages: averages)
        let stormy = try Self.outcome(
            2, workers: [], behind: [[1, 2], [1, 1]], averages: averages, seed: seed,
            faults: Self.storm)
        #expect(stormy.digest == alone.digest && stormy.validated == alone.validated)
    }

    @Test func everyFaultHappens() throws {
        var sum = SimulatedCluster.Outcome()
        for seed in 0..<50 as Range<UInt64> {
            let outcome = try Self.outcome(
                workers: [1], behind: [[1, 2], [1, 1]], seed: seed, faults: Self.storm)
            sum.deaths += outcome.deaths
            sum.duplicates += outcome.duplicates
            sum.restarts += outcome.restarts
            sum.lostRelays += outcome.lostRelays
        }
        #expect(sum.lostRelays > 50 && sum.deaths > 2 * sum.lostRelays, "\(sum)")
        #expect(sum.duplicates > 100 && sum.restarts > 5, "\(sum)")
    }

    private static let storm = SimulatedCluster.Faults(
        duplicated: 0.1, cut: 0.003, delay: 0.2, killed: 0.001, hung: 0.003, restarted: 0.002,
        slow: 3)
}
