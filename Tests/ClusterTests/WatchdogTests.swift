import Cluster
import Distillation
import Testing
import Training

/// Reports of a run in which nothing has advanced for six heartbeat timeouts.
@Suite struct WatchdogTests {
    private var dog = Watchdog(heartbeatTimeout: .seconds(5))
    private var machine = CoordinatorMachine(
        settings: .init(
            shards: 4, buckets: 1, exchanges: 1, steps: 3, minimumWorkers: 2,
            heartbeatTimeout: .seconds(600))
    ) { _ in (0..<4).map { Lease.Shard(shard: $0, samples: []) } }

    private mutating func line(at now: Duration, preparing: [String] = []) -> String? {
        dog.line(
            step: machine.step, advanced: machine.lastAdvance, now: now, waits: machine.waits,
            missing: machine.missingWorkers, preparing: preparing, name: { "host/w\($0)" })
    }

    @Test("the line counts the workers that must join")
    mutating func lineCountsMissingWorkers() throws {
        #expect(line(at: .seconds(30)) == nil)
        let first = line(at: .seconds(31), preparing: ["host/slow"])
        let said = try #require(first)
        #expect(
            said == """
                step 1 has not advanced for 31.0 s: 2 more workers must join; host/slow still prepare
                """)
    }

    @Test("the line names the holders of work, since when, and the missing results")
    mutating func lineNamesHoldersAndMissingResults() throws {
        for worker in [1, 2] as [WorkerID] {
            _ = machine.handle(.ready(worker, threads: 1), at: .seconds(10))
        }
        for shard in 0..<2 {
            _ = machine.handle(
                .contribution(
                    1, step: 0, node: TreeNode(shard: shard), round: 0, [.init(counts: [1])]),
                at: .seconds(20))
        }
        #expect(line(at: .seconds(50)) == nil, "a contribution arrived at 20 s")
        #expect(
            line(at: .seconds(51)) == """
                step 1 has not advanced for 31.0 s: host/w2 has had micro-shards 2, 3 (contribution 1 \
                is missing) for 41.0 s
                """)
        #expect(
            line(at: .seconds(70)) == nil, "the next report comes when it has lasted twice as long")
        #expect(line(at: .seconds(83)) != nil)
        for shard in 2..<4 {
            _ = machine.handle(
                .contribution(
                    2, step: 0, node: TreeNode(shard: shard), round: 0, [.init(counts: [1])]),
                at: .seconds(90))
        }
        #expect(line(at: .seconds(91)) == nil)
        let last = line(at: .seconds(121))
        let said = try #require(last)
        #expect(said.contains("host/w1 has had micro-shards 0, 1 (gradients are missing)"))
        #expect(said.contains("host/w2 has had micro-shards 2, 3 (gradients are missing)"))
    }
}
