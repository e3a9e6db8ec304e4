import Foundation
import Testing

/// Real processes are killed, stopped, continued and asked to leave at every step of a run, the
/// coordinator among them; the digest is the undisturbed run's.
///
/// `DENJU_KILLS=1000 swift test --filter UnderFireTests` goes on for longer.
@Suite struct UnderFireTests {
    /// 200 where the compiler optimises, and fewer where it does not.
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
    private let workshop: Workshop

    init() throws { workshop = try Workshop.open() }

    @Test func nothingIsLostWhateverFalls() throws {
        var kills = 0
        var rounds: UInt64 = 0
        while kills < Self.kills {
            rounds += 1
            var round = try Round(seed: rounds, workshop)
            try round.run()
            kills += round.kills
            #expect(try round.digest == workshop.digest, "round \(rounds)")
            #expect(try round.steps == Array(1...30), "round \(rounds)")
            try #require(round.kills > 0, "A round in which nobody falls proves nothing.")
        }
        print("\(kills) processes killed in \(rounds) runs of 30 steps: every digest is the same")
    }

    /// One run under fire.
    private struct Round {
        private let folder: Folder
        private let cluster: Cluster
        private let seed: UInt64
        private var random: Dice
        private(set) var kills = 0

        init(seed: UInt64, _ workshop: Workshop) throws {
            self.seed = seed
            folder = try Folder()
            try folder.write(workshop.distillation.yaml, to: "recipe.yaml")
            cluster = try Cluster(in: folder, "--heartbeat-timeout", "2")
            random = Dice(state: seed)
            for threads in [1, 2, 1] { try cluster.join(threads: threads) }
        }

        var digest: String { get throws { try folder.digest(of: "run") } }
        var steps: [Int] { get throws { try folder.steps().map(\.step) } }

        /// Strikes once a step, at a moment of its own, until the run is over.
        mutating func run() throws {
            var before: Int?
            while true {
                try wait("another step") {
                    try !cluster.coordinator.isRunning || folder.steps().last?.step != before
                }
                guard cluster.coordinator.isRunning else { break }
                before = try folder.steps().last?.step
                Thread.sleep(forTimeInterval: Double(random.next() % 40) / 1_000)
                guard try strike() else { break }
            }
            let outcome = try cluster.outcome()
            #expect(outcome.status == 0, "round \(seed): \(outcome.errors)")
            // Who joined after the last step calls in vain and would go on for its whole patience.
            for worker in cluster.workers {
                worker.kill(SIGTERM)
                let outcome = try worker.outcome()
                #expect(
                    [0, 75].contains(outcome.status),
                    "round \(seed): a survivor said \(outcome.errors)")
            }
        }

        /// False if the run turns out to be over.
        private mutating func strike() throws -> Bool {
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

/// The same numbers for the same seed, on every machine (splitmix64).
private struct Dice {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
