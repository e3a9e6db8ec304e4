import Foundation
import Testing

/// Processes, including the coordinator, are killed, stopped and terminated at every step of a run;
/// the digest must equal that of an undisturbed run.
///
/// `DENJU_KILLS=1000 swift test --filter ProcessKillTests` runs longer.
@Suite struct ProcessKillTests {
    /// The minimum number of kills: fewer in debug builds, whose steps take longer.
    private static let kills: Int = {
        if let asked = ProcessInfo.processInfo.environment["DENJU_KILLS"].flatMap({ Int($0) }) {
            return asked
        }
        #if DEBUG
            return 50
        #else
            return 200
        #endif
    }()
    private let fixture: SharedFixture

    init() throws { fixture = try SharedFixture.open() }

    @Test func digestIsEqualWhenProcessesAreKilled() throws {
        var kills = 0
        var rounds: UInt64 = 0
        while kills < Self.kills {
            rounds += 1
            var round = try Round(seed: rounds, fixture)
            try round.run()
            kills += round.kills
            #expect(try round.digest == fixture.digest, "round \(rounds)")
            #expect(try round.steps == Array(1...30), "round \(rounds)")
            try #require(round.kills > 0, "A round without a kill proves nothing.")
        }
        print("\(kills) processes killed in \(rounds) runs of 30 steps: every digest is the same")
    }

    /// One run with injected faults.
    private struct Round {
        private let folder: Folder
        private let cluster: Cluster
        private let seed: UInt64
        private var random: RandomNumbers
        private(set) var kills = 0

        init(seed: UInt64, _ fixture: SharedFixture) throws {
            self.seed = seed
            folder = try Folder()
            try folder.write(fixture.distillation.yaml, to: "recipe.yaml")
            cluster = try Cluster(in: folder, "--heartbeat-timeout", "2")
            random = RandomNumbers(state: seed)
            for threads in [1, 2, 1] { try cluster.join(threads: threads) }
        }

        var digest: String { get throws { try folder.digest(of: "run") } }
        var steps: [Int] { get throws { try folder.steps().map(\.step) } }

        /// Injects a fault per step at a random moment until the run ends.
        mutating func run() throws {
            var before: Int?
            while true {
                try wait("another step") {
                    try !cluster.coordinator.isRunning || folder.steps().last?.step != before
                }
                guard cluster.coordinator.isRunning else { break }
                before = try folder.steps().last?.step
                Thread.sleep(forTimeInterval: Double(random.next() % 40) / 1_000)
                guard try injectFault() else { break }
            }
            let outcome = try cluster.outcome()
            #expect(outcome.status == 0, "round \(seed): \(outcome.errors)")
            // A worker that joined after the last step would retry until its timeout.
            for worker in cluster.workers {
                worker.kill(SIGTERM)
                let outcome = try worker.outcome()
                #expect(
                    [0, 75].contains(outcome.status),
                    "round \(seed): a remaining worker reported \(outcome.errors)")
            }
        }

        /// Injects a random fault; false if the run has ended.
        private mutating func injectFault() throws -> Bool {
            let worker = cluster.workers[Int(random.next() % UInt64(cluster.workers.count))]
            switch random.next() % 8 {
            case 0:
                guard try cluster.killCoordinatorAndResume() else { return false }
                kills += 1
            case 1:
                worker.kill(SIGSTOP)
                Thread.sleep(forTimeInterval: Double(random.next() % 200) / 1_000)
                worker.kill(SIGCONT)
            case 2:
                worker.kill(SIGTERM)
                try cluster.replace(worker)
                kills += 1
            default:
                worker.kill(SIGKILL)
                try cluster.replace(worker, threads: 1 + Int(random.next() % 2))
                kills += 1
            }
            return true
        }
    }
}

/// Random numbers that depend only on the seed (SplitMix64).
private struct RandomNumbers {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
