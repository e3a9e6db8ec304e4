import Cluster
import ClusterTesting
import Messages
import Testing
import ZeroMQ

/// The production driver and sessions over a network in memory, whose time the test moves.
@Suite struct InMemoryClusterTests {
    private static let plan = SyntheticPlan(steps: 6, shards: 4, exchanges: 1)

    /// The digest of a run with one worker and without faults.
    private static func undisturbed(_ plan: SyntheticPlan) throws -> UInt64 {
        let cluster = InMemoryCluster(plan)
        try cluster.join()
        try cluster.turn()
        try cluster.finish()
        #expect(cluster.driver.ending == .finished("all \(plan.steps) steps are done"))
        return cluster.run.digest
    }

    private func isLoss(_ event: ClusterEvent, _ reason: LossReason) -> Bool {
        if case .lost(_, _, reason, _) = event { true } else { false }
    }

    @Test(
        "any number of workers computes the same bits", arguments: [2, 3, 5],
        [WeightsParts.Averages.unused, .labels, .steps])
    func bitsDoNotDependOnWorkers(count: Int, averages: WeightsParts.Averages) throws {
        let plan = SyntheticPlan(steps: 6, shards: 4, exchanges: 2, averages: averages)
        let cluster = InMemoryCluster(plan, minimumWorkers: count)
        for number in 0..<count { try cluster.join("w\(number)", threads: 1 + number % 2) }
        try cluster.finish()
        #expect(cluster.run.version == 6)
        #expect(try cluster.run.digest == Self.undisturbed(plan))
        #expect(cluster.clusterEvents.count == count, "every worker joins, none is lost")
    }

    @Test("a cut connection costs its worker's leases and no bits")
    func cutConnectionChangesNoBits() throws {
        let cluster = InMemoryCluster(Self.plan, minimumWorkers: 2)
        let first = try cluster.join("first")
        try cluster.join("second")
        try cluster.turn(until: { cluster.run.version == 2 })
        cluster.network.cut(first.connection)
        try cluster.turn(until: { first.session.end != nil })
        #expect(cluster.clusterEvents.contains { isLoss($0, .connectionLost) })
        try cluster.finish()
        #expect(try cluster.run.digest == Self.undisturbed(Self.plan))
    }

    @Test("a silent worker is removed after the heartbeat timeout, and its work is leased again")
    func silentWorkerIsRemoved() throws {
        let cluster = InMemoryCluster(Self.plan, minimumWorkers: 2)
        let first = try cluster.join("first")
        try cluster.join("second")
        try cluster.turn(until: { cluster.run.version == 1 })
        first.isSilent = true
        let since = cluster.clock.now
        try cluster.turn(
            advancing: .milliseconds(100),
            until: { cluster.clusterEvents.contains { isLoss($0, .silent(.seconds(5))) } })
        #expect(cluster.driver.ending == nil)
        #expect(cluster.clock.now - since > .seconds(4))
        #expect(cluster.clock.now - since < .seconds(7))
        try cluster.finish()
        #expect(try cluster.run.digest == Self.undisturbed(Self.plan))
    }

    @Test("messages that arrive twice count once")
    func repeatedMessagesCountOnce() throws {
        let cluster = InMemoryCluster(Self.plan, minimumWorkers: 2)
        try cluster.join("first")
        try cluster.join("second")
        // A repeated hello would connect the worker anew; everything later may be repeated.
        try cluster.turn(until: { cluster.run.version == 1 })
        while cluster.driver.ending == nil {
            for message in cluster.network.messages where message.receiver == .server {
                cluster.network.deliver(message.number, keepsCopy: true)
            }
            try cluster.turn()
        }
        #expect(try cluster.run.digest == Self.undisturbed(Self.plan))
    }

    @Test("a client that floods the coordinator is disconnected, and the run continues")
    func floodingClientIsDisconnected() throws {
        let cluster = InMemoryCluster(Self.plan)
        try cluster.join()
        try cluster.turn(until: { cluster.run.version == 1 })
        let client = cluster.network.connect()
        for _ in 0..<2000 { try client.send([Frame([1]), Frame([2])]) }
        try cluster.turn(until: { !cluster.network.isOpen(client.connection) })
        #expect(
            cluster.clusterEvents.contains(
                .disconnected(.messages(1000, within: .seconds(5)))))
        try cluster.finish()
        #expect(try cluster.run.digest == Self.undisturbed(Self.plan))
    }

    @Test("a coordinator that is started anew continues at its checkpoint with the same bits")
    func restartedCoordinatorContinues() throws {
        let disk = SyntheticRun.Disk(Self.plan)
        let first = InMemoryCluster(Self.plan, disk: disk)
        try first.join()
        try first.turn(until: { first.run.version == 3 })
        let second = InMemoryCluster(Self.plan, disk: disk)
        #expect(second.run.version == 2, "the checkpoint of every second step")
        try second.join()
        try second.finish()
        #expect(try second.run.digest == Self.undisturbed(Self.plan))
    }

    @Test("a worker that answers while its computation hangs is named in the standstill")
    func hangingComputationIsNamed() throws {
        let cluster = InMemoryCluster(Self.plan)
        let worker = try cluster.join("stuck")
        try cluster.turn(until: { cluster.run.version == 1 })
        worker.isWedged = true
        func line() -> String? {
            cluster.events.lazy.compactMap { event -> String? in
                guard case .diagnostic(let diagnostic) = event else { return nil }
                return diagnostic.reason.contains("has not advanced") ? diagnostic.reason : nil
            }.first
        }
        try cluster.turn(advancing: .milliseconds(500), until: { line() != nil })
        let said = try #require(line())
        #expect(said.contains("stuck has had micro-shards"))
        #expect(said.contains("answers, but its computation has not advanced for 29.5 s"))
        #expect(cluster.clusterEvents.count == 1, "the worker is not given up")
        worker.isWedged = false
        try cluster.finish()
        #expect(try cluster.run.digest == Self.undisturbed(Self.plan))
    }

    @Test("a run without workers fails after the worker timeout")
    func absenceOfWorkersEndsTheRun() throws {
        let cluster = InMemoryCluster(Self.plan)
        try cluster.finish(advancing: .seconds(2))
        #expect(cluster.clock.now > .seconds(3600))
        guard case .failed(let reason)? = cluster.driver.ending else {
            Issue.record("The run has not failed.")
            return
        }
        #expect(reason.contains("--resume"))
    }
}
