import Cluster
import ClusterTesting
import Testing

/// A training whose numbers are not finite any more ends the run, at the last finite version.
@Suite struct DivergenceTests {
    private func end(_ cluster: InMemoryCluster) throws -> String? {
        try cluster.finish(advancing: .milliseconds(20))
        guard case .diverged(let reason)? = cluster.driver.ending else {
            Issue.record("It ended otherwise: \(String(describing: cluster.driver.ending))")
            return nil
        }
        try cluster.driver.close()
        return reason
    }

    @Test("a loss that is not finite at any worker ends the run", arguments: [1, 3])
    func divergingWorkersEndTheRun(workers: Int) throws {
        var plan = SyntheticPlan(steps: 9, shards: 4, exchanges: 1)
        plan.divergesAt = 5
        let disk = SyntheticRun.Disk(plan)
        let cluster = InMemoryCluster(plan, minimumWorkers: workers, disk: disk)
        for number in 0..<workers { try cluster.join("w\(number)") }
        let reason = try #require(try end(cluster))
        #expect(reason.hasPrefix("the training has diverged: ") && reason.contains("micro-shard"))
        #expect(cluster.run.version == 5)
        #expect(cluster.run.lastCheckpoint == "step 5", "the last finite version is saved")
        // Each says so once: no worker is dismissed again and again.
        let losses = cluster.clusterEvents.count {
            if case .lost(_, _, .failed, _) = $0 { true } else { false }
        }
        #expect(losses == workers - 1)
    }

    @Test("finite gradients whose sum is not finite end the run before anything is updated")
    func overflowingSumEndsTheRun() throws {
        var plan = SyntheticPlan(steps: 9, shards: 4, exchanges: 1)
        plan.overflowsAt = 3
        let cluster = InMemoryCluster(plan, minimumWorkers: 2)
        for number in 0..<2 { try cluster.join("w\(number)") }
        let reason = try #require(try end(cluster))
        #expect(reason.contains("the gradient is not finite at step 4"))
        #expect(cluster.run.version == 3 && cluster.run.lastCheckpoint == "step 3")
        #expect(cluster.clusterEvents.count == 2, "no worker is lost for it")
    }
}
