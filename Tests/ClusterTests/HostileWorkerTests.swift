import Cluster
import ClusterTesting
import Messages
import Testing
import ZeroMQ

/// Workers with allowed keys that do not do what they are asked to, in a cluster in memory: the run
/// completes with the bits of an undisturbed one as long as one sound worker remains.
@Suite struct HostileWorkerTests {
    private typealias Behaviour = HostileWorker.Behaviour

    private static let plan = SyntheticPlan(steps: 6, shards: 4, exchanges: 2)
    private static let digest: UInt64 = {
        let cluster = InMemoryCluster(plan)
        do {
            try cluster.join()
            try cluster.finish()
        } catch { Issue.record("\(error)") }
        return cluster.run.digest
    }()

    private func losses(
        _ cluster: InMemoryCluster, of behaviour: HostileWorker.Behaviour
    ) -> [LossReason] {
        cluster.clusterEvents.compactMap {
            if case .lost(_, "nowhere/\(behaviour.rawValue)", let reason, _) = $0 {
                reason
            } else {
                nil
            }
        }
    }

    /// Finishes a run that such workers have joined first.
    private func finish(_ cluster: InMemoryCluster, sound: Int = 1) throws {
        for _ in 0..<20 { try cluster.turn(advancing: .milliseconds(20)) }
        for number in 0..<sound { try cluster.join("sound \(number)") }
        try cluster.finish(advancing: .milliseconds(20))
        #expect(cluster.driver.ending == .finished("all 6 steps are done"))
        #expect(cluster.run.digest == Self.digest, "its results entered the run")
        #expect(
            cluster.clusterEvents.allSatisfy {
                if case .lost(_, let name, _, _) = $0 { !name.contains("sound") } else { true }
            }, "a sound worker was lost")
    }

    @Test(
        "one hostile worker costs the run a limited time and no bits",
        arguments: HostileWorker.Behaviour.allCases, [1, 3])
    func oneHostileWorkerChangesNothing(behaviour: HostileWorker.Behaviour, sound: Int) throws {
        // A worker that complains while it is the only one ends the run, as it should.
        let cluster = InMemoryCluster(
            Self.plan,
            minimumWorkers: [.complaints, .notFinite].contains(behaviour) ? sound + 1 : 1,
            assets: AssetService(
                teacher: [UInt8](repeating: 1, count: 3 << 20),
                digest: Digest([UInt8](repeating: 1, count: 32))!))
        let hostile = cluster.join(behaviour)
        try finish(cluster, sound: sound)
        #expect(hostile.admissions > 0)
        // A first lease is overdue after six timeouts of 5 s if no other worker has been measured.
        #expect(cluster.clock.now < .seconds(90), "\(cluster.clock.now)")
    }

    @Test("hostile workers of all kinds at once change no bits")
    func allAtOnceChangeNothing() throws {
        let cluster = InMemoryCluster(Self.plan)
        let complaining: [HostileWorker.Behaviour] = [.complaints, .notFinite]
        for behaviour in HostileWorker.Behaviour.allCases where !complaining.contains(behaviour) {
            cluster.join(behaviour)
        }
        for number in 0..<2 { try cluster.join("sound \(number)") }
        for behaviour in complaining { cluster.join(behaviour) }
        try finish(cluster, sound: 0)
        #expect(cluster.clock.now < .seconds(400), "\(cluster.clock.now)")
    }

    @Test("the canary of a worker that computes nothing does not become the run's")
    func firstHelloDoesNotDetermineArithmetic() throws {
        let cluster = InMemoryCluster(Self.plan)
        cluster.join(.otherArithmetic)
        try finish(cluster)
        #expect(losses(cluster, of: .otherArithmetic).contains(.otherNumerics))
        #expect(
            cluster.clusterEvents.contains {
                if case .rejected(.numerics) = $0 { true } else { false }
            }, "it is rejected when it comes back")
    }

    @Test("a newcomer that sends heartbeats alone delays each step by less than a timeout")
    func newcomerWithoutResultsDoesNotStallTheRun() throws {
        // The stand-in for a student grows twentyfold with each step: 28 of them would overflow.
        let plan = SyntheticPlan(steps: 20, shards: 8, exchanges: 1)
        let cluster = InMemoryCluster(plan)
        try cluster.join("sound")
        try cluster.turn(advancing: .milliseconds(20), until: { cluster.run.version == 5 })
        let before = cluster.clock.now
        let perStep = before / 5
        let newcomer = cluster.join(.lyingProgress)
        try cluster.finish(advancing: .milliseconds(20))
        #expect(cluster.run.version == 20)
        #expect(newcomer.leases > 0)
        // It is left out for ever longer after its first steps.
        #expect(cluster.clock.now - before < perStep * 15 * 2 + .seconds(40))
    }

    @Test("a worker whose computation hangs is given up if another can take over")
    func hangingComputationIsGivenUp() throws {
        let plan = SyntheticPlan(steps: 400, shards: 4, exchanges: 1)
        let cluster = InMemoryCluster(plan, minimumWorkers: 2)
        let hanging = try cluster.join("hanging")
        let other = try cluster.join("other")
        try cluster.turn(advancing: .milliseconds(20), until: { cluster.run.version == 3 })
        hanging.isWedged = true
        // The other is as slow as it must be for the run to last.
        var turns = 0
        try cluster.turn(
            advancing: .milliseconds(100),
            until: {
                turns += 1
                other.isWedged = turns % 80 != 0
                return cluster.clusterEvents.contains {
                    if case .lost(_, let name, .hanging, _) = $0 {
                        name.hasSuffix("hanging")
                    } else {
                        false
                    }
                }
            })
        #expect(cluster.driver.ending == nil)
    }

    @Test("false complaints end the run only if no other worker is left")
    func complaintsDoNotEndTheRun() throws {
        let cluster = InMemoryCluster(Self.plan, minimumWorkers: 2)
        try cluster.join("sound")
        cluster.join(.complaints)
        try cluster.finish(advancing: .milliseconds(20))
        #expect(cluster.driver.ending == .finished("all 6 steps are done"))
        let alone = InMemoryCluster(Self.plan)
        alone.join(.complaints)
        try alone.finish(advancing: .milliseconds(20))
        guard case .diverged(let reason)? = alone.driver.ending else {
            Issue.record("The run has not ended: \(String(describing: alone.driver.ending))")
            return
        }
        #expect(reason.contains("not finite"))
    }
}
