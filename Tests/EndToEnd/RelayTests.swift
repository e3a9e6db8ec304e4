import Foundation
import Testing

/// Relays between a coordinator and its workers, each a process of its own.
@Suite struct RelayTests {
    private let workshop: Workshop
    private let folder: Folder

    init() throws {
        workshop = try Workshop.open()
        folder = try Folder()
    }

    /// Starts a relay; where it listens.
    private func relay(
        _ name: String, _ arguments: String...
    ) throws -> (process: Command, address: String) {
        if folder.has(name) { try folder.remove(name) }
        let process = try Denju.start(
            [
                "relay", "--publish", name, "--name", name, "--cache", folder("cache-" + name),
                "--patience", "60",
            ] + arguments, in: folder)
        try wait("address of \(name)") {
            guard process.isRunning else { throw Impatience(process.saidSoFar) }
            return folder.has(name)
        }
        return (process, try folder.text(name).trimmingCharacters(in: .newlines))
    }

    private func worker(_ arguments: String...) throws -> Command {
        try Denju.start(["worker", "--patience", "60"] + arguments, in: folder)
    }

    /// Two relays and four workers that have no data; a worker and a relay are killed.
    @Test func nothingIsLostWhenAWorkerAndARelayFall() throws {
        try folder.write(workshop.distillation.yaml, to: "recipe.yaml")
        let cluster = try Cluster(in: folder, "--heartbeat-timeout", "4", minimumWorkers: 4)
        let first = try relay("first", "--connect", cluster.address)
        let second = try relay("second", "--connect", cluster.address)
        let workers = try [first, first, second, second].enumerated().map { number, relay in
            try worker(
                "--connect", relay.address, "--name", "w\(number)", "--stream", "--cache",
                folder("cache-w\(number)"))
        }
        try folder.waits(forStep: 4)
        workers[0].kill(9)
        try first.process.waits(for: "is gone")
        try folder.waits(forStep: 8)
        second.process.kill(9)
        try cluster.coordinator.waits(for: "is gone")
        // Where it was there is another one: its workers find it.
        let third = try relay("third", "--connect", cluster.address, "--bind", second.address)
        #expect(try cluster.outcome().status == 0)
        #expect(try folder.digest(of: "run") == workshop.digest)
        #expect(try folder.steps().map(\.step) == Array(1...30))
        for process in workers.dropFirst() + [first.process, third.process] {
            process.kill(SIGTERM)
            let outcome = try process.outcome()
            #expect([0, 75].contains(outcome.status), "a survivor said \(outcome.errors)")
        }
    }

    /// A relay of relays, which leaves when it is asked to; its workers call another.
    @Test func relaysStandOneAboveTheOther() throws {
        try folder.write(workshop.distillation.yaml, to: "recipe.yaml")
        let cluster = try Cluster(in: folder, "--heartbeat-timeout", "4")
        let upper = try relay("upper", "--connect", cluster.address)
        let lower = try relay("lower", "--connect", upper.address)
        let below = try worker("--connect", "file:lower", "--cache", folder("cache"))
        let beside = try worker("--connect", upper.address, "--cache", folder("cache"))
        try folder.waits(forStep: 4)
        lower.process.kill(SIGTERM)
        #expect(try lower.process.outcome().status == 75)
        let next = try relay("lower", "--connect", cluster.address)
        #expect(try cluster.outcome().status == 0)
        #expect(try folder.digest(of: "run") == workshop.digest)
        for process in [below, beside, upper.process, next.process] {
            process.kill(SIGTERM)
            #expect([0, 75].contains(try process.outcome().status))
        }
    }

    @Test func onlyAllowedKeysPassARelay() throws {
        try folder.write(workshop.alone(steps: 2).yaml, to: "recipe.yaml")
        let keys = ["coordinator", "above/relay", "below/w1", "stranger"]
        for name in keys { #expect(try Denju.run(["keys", name], in: folder).status == 0) }
        let cluster = try Cluster(
            in: folder, "--key", "coordinator.key", "--workers", "above")
        func call(_ key: String, _ server: String, at address: String) throws -> Command {
            try worker(
                "--connect", address, "--key", key, "--server", server, "--cache", "cache",
                "--patience", key.hasPrefix("below") ? "60" : "0.5")
        }
        // A relay with a key that the coordinator does not know.
        let impostor = try Denju.run(
            [
                "relay", "--connect", cluster.address, "--key", "stranger.key", "--server",
                "coordinator.pub", "--workers", "below", "--cache", "cache", "--patience", "0.5",
            ], in: folder)
        expectLastSentence(impostor, saying: [cluster.address, "was not there", "key"])
        let relay = try relay(
            "relay", "--connect", cluster.address, "--key", "above/relay.key", "--server",
            "coordinator.pub", "--workers", "below")
        try cluster.coordinator.waits(for: "joins")
        // A worker with a key that the relay does not know, and one that only the coordinator does.
        for key in ["stranger.key", "above/relay.key"] {
            let refused = try call(key, "above/relay.pub", at: relay.address).outcome()
            expectLastSentence(refused, saying: [relay.address, "was not there"])
        }
        #expect(!relay.process.saidSoFar.contains("joins"))
        let allowed = try call("below/w1.key", "above/relay.pub", at: relay.address)
        #expect(try cluster.outcome().status == 0)
        #expect(try allowed.outcome().status == 0)
        #expect(try relay.process.outcome().status == 0)
    }

    @Test func aRelaySaysWhatItIsToldAndWhatIsWrong() throws {
        let shown = try Denju.run(
            ["relay", "--connect", "tcp://host:1", "--name", "rack", "--print-config"], in: folder)
        #expect(shown.status == 0 && shown.output.contains("rack"))
        #expect(shown.output.contains("tcp://127.0.0.1:*"))
        expectOneSentence(
            try Denju.run(
                ["relay", "--connect", "tcp://127.0.0.1:1", "--bind", "tcp://0.0.0.0:*"],
                in: folder),
            saying: ["0.0.0.0", "--insecure"])
        expectOneSentence(
            try Denju.run(
                ["relay", "--connect", "tcp://127.0.0.1:1", "--workers", "keys"], in: folder),
            saying: ["--workers", "--key"])
    }
}
