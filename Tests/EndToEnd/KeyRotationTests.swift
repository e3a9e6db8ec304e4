import Foundation
import Testing

/// The replacement of a worker's key during a run.
@Suite struct KeyRotationTests {
    @Test func digestIsEqualAfterKeyRotation() throws {
        let fixture = try SharedFixture.open()
        let folder = try Folder()
        try folder.write(fixture.distillation.yaml, to: "recipe.yaml")
        for name in ["coordinator", "worker", "next"] {
            #expect(try Denju.run(["keys", name], in: folder).status == 0)
        }
        try folder.write(try folder.text("worker.pub"), to: "allowed/one.pub")
        let cluster = try Cluster(
            in: folder, "--key", "coordinator.key", "--workers", "allowed", "--heartbeat-timeout",
            "60")
        let worker = try cluster.join(
            "--key", "worker.key", "--server", "coordinator.pub")
        try folder.waitForStep(4)
        // The only worker is stopped, so that the run cannot end during the rotation.
        worker.kill(SIGSTOP)
        try folder.write(try folder.text("next.pub"), to: "allowed/two.pub")
        cluster.coordinator.kill(SIGHUP)
        try cluster.coordinator.waitForMessage("2 may join now")
        try folder.remove("allowed/one.pub")
        cluster.coordinator.kill(SIGHUP)
        try cluster.coordinator.waitForMessage("may not join any more")
        try folder.remove("worker.key")
        try folder.copy("next.key", to: "worker.key")
        worker.kill(SIGCONT)
        let outcome = try cluster.outcome()
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.errors.contains("worker 2 joins"))
        #expect(try worker.outcome().status == 0)
        #expect(try folder.digest(of: "run") == fixture.digest)
        #expect(try folder.steps().map(\.step) == Array(1...30))
    }

    @Test func digestIsEqualAfterRenewalOfBothKeys() throws {
        let fixture = try SharedFixture.open()
        let folder = try Folder()
        try folder.write(fixture.distillation.yaml, to: "recipe.yaml")
        for name in ["coordinator", "keys/worker"] {
            #expect(try Denju.run(["keys", name], in: folder).status == 0)
        }
        let cluster = try Cluster(
            in: folder, "--key", "coordinator.key", "--workers", "keys", "--heartbeat-timeout",
            "60")
        func join() throws -> Command {
            try cluster.join("--key", "keys/worker.key", "--server", "coordinator.pub")
        }
        let first = try join()
        try folder.waitForStep(4)
        // The only worker is stopped, so that the run cannot end meanwhile.
        first.kill(SIGSTOP)
        let renewed = try Denju.run(["keys", "--renew", "coordinator"], in: folder)
        #expect(renewed.status == 0, "\(renewed.errors)")
        cluster.coordinator.kill(SIGHUP)
        try cluster.coordinator.waitForMessage("the key of this process has changed")
        #expect(try Denju.run(["keys", "--renew", "keys/worker"], in: folder).status == 0)
        cluster.coordinator.kill(SIGHUP)
        try cluster.coordinator.waitForMessage("may not join any more")
        first.kill(SIGCONT)
        let outcome = try cluster.outcome()
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.errors.contains("worker 2 joins"))
        #expect(try first.outcome().status == 0)
        #expect(try folder.digest(of: "run") == fixture.digest)
        expectOneSentence(
            try Denju.run(["keys", "--renew", "nosuch"], in: folder),
            saying: ["nosuch.key cannot be renewed"])
    }

    @Test func keysAreListedWithNameAndFingerprint() throws {
        let folder = try Folder()
        for name in ["keys/a", "keys/b"] {
            #expect(try Denju.run(["keys", name], in: folder).status == 0)
        }
        let listed = try Denju.run(["keys", "--list", "keys"], in: folder)
        #expect(listed.status == 0, "\(listed.errors)")
        let lines = listed.output.split(separator: "\n").map { $0.split(separator: " ") }
        #expect(lines.map { $0[0] } == ["a", "b"])
        #expect(lines.allSatisfy { $0.count == 2 && $0[1].count == 32 })
        let shown = try folder.text("keys/a.pub")
        #expect(shown.contains(lines[0][1]))
        expectOneSentence(
            try Denju.run(["keys"], in: folder), saying: ["name", "--list"])
    }
}
