import Foundation
import Testing

/// Relay processes between a coordinator and its workers.
@Suite struct RelayTests {
    private let fixture: SharedFixture
    private let folder: Folder

    init() throws {
        fixture = try SharedFixture.open()
        folder = try Folder()
    }

    /// Starts a relay and returns its address.
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
            guard process.isRunning else { throw TestError(process.errorsSoFar) }
            return folder.has(name)
        }
        return (process, try folder.text(name).trimmingCharacters(in: .newlines))
    }

    private func worker(_ arguments: String...) throws -> Command {
        try Denju.start(["worker", "--patience", "60"] + arguments, in: folder)
    }

    /// A worker and one of two relays are killed; the workers have no data.
    @Test func digestIsEqualWhenWorkerAndRelayAreKilled() throws {
        try folder.write(fixture.distillation.yaml, to: "recipe.yaml")
        let cluster = try Cluster(in: folder, "--heartbeat-timeout", "4", minimumWorkers: 4)
        let first = try relay("first", "--connect", cluster.address)
        let second = try relay("second", "--connect", cluster.address)
        let workers = try [first, first, second, second].enumerated().map { number, relay in
            try worker(
                "--connect", relay.address, "--name", "w\(number)", "--stream", "--cache",
                folder("cache-w\(number)"))
        }
        try folder.waitForStep(4)
        workers[0].kill(9)
        try first.process.waitForMessage("is gone")
        try folder.waitForStep(8)
        second.process.kill(9)
        try cluster.coordinator.waitForMessage("is gone")
        // Another relay at the same address, to which the workers reconnect.
        let third = try relay("third", "--connect", cluster.address, "--bind", second.address)
        #expect(try cluster.outcome().status == 0)
        #expect(try folder.digest(of: "run") == fixture.digest)
        #expect(try folder.steps().map(\.step) == Array(1...30))
        for process in workers.dropFirst() + [first.process, third.process] {
            process.kill(SIGTERM)
            let outcome = try process.outcome()
            #expect(
                [0, 75].contains(outcome.status), "a remaining process reported \(outcome.errors)")
        }
    }

    /// A relay behind a relay ends on SIGTERM, and its workers connect to another one.
    @Test func relaysCanBeChained() throws {
        try folder.write(fixture.distillation.yaml, to: "recipe.yaml")
        let cluster = try Cluster(in: folder, "--heartbeat-timeout", "4")
        let upper = try relay("upper", "--connect", cluster.address)
        let lower = try relay("lower", "--connect", upper.address)
        let below = try worker("--connect", "file:lower", "--cache", folder("cache"))
        let beside = try worker("--connect", upper.address, "--cache", folder("cache"))
        try folder.waitForStep(4)
        lower.process.kill(SIGTERM)
        #expect(try lower.process.outcome().status == 75)
        let next = try relay("lower", "--connect", cluster.address)
        #expect(try cluster.outcome().status == 0)
        #expect(try folder.digest(of: "run") == fixture.digest)
        for process in [below, beside, upper.process, next.process] {
            process.kill(SIGTERM)
            #expect([0, 75].contains(try process.outcome().status))
        }
    }

    @Test func onlyAllowedKeysPassRelay() throws {
        try folder.write(fixture.alone(steps: 2).yaml, to: "recipe.yaml")
        let keys = ["coordinator", "above/relay", "below/w1", "stranger"]
        for name in keys { #expect(try Denju.run(["keys", name], in: folder).status == 0) }
        let cluster = try Cluster(
            in: folder, "--key", "coordinator.key", "--workers", "above")
        func call(_ key: String, _ server: String, at address: String) throws -> Command {
            try worker(
                "--connect", address, "--key", key, "--server", server, "--cache", "cache",
                "--patience", key.hasPrefix("below") ? "60" : "0.5")
        }
        // A relay whose key the coordinator does not allow.
        let impostor = try Denju.run(
            [
                "relay", "--connect", cluster.address, "--key", "stranger.key", "--server",
                "coordinator.pub", "--workers", "below", "--cache", "cache", "--patience", "0.5",
            ], in: folder)
        expectLastSentence(impostor, saying: [cluster.address, "was absent", "key"])
        let relay = try relay(
            "relay", "--connect", cluster.address, "--key", "above/relay.key", "--server",
            "coordinator.pub", "--workers", "below")
        try cluster.coordinator.waitForMessage("joins")
        // A worker whose key no one allows, and one whose key only the coordinator allows.
        for key in ["stranger.key", "above/relay.key"] {
            let refused = try call(key, "above/relay.pub", at: relay.address).outcome()
            expectLastSentence(refused, saying: [relay.address, "was absent"])
        }
        #expect(!relay.process.errorsSoFar.contains("joins"))
        let allowed = try call("below/w1.key", "above/relay.pub", at: relay.address)
        #expect(try cluster.outcome().status == 0)
        #expect(try allowed.outcome().status == 0)
        #expect(try relay.process.outcome().status == 0)
    }

    @Test func relayPrintsSettingsAndRejectsInvalidOptions() throws {
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
