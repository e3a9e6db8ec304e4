import Foundation
import Testing

/// CURVE keys: only workers with an allowed key take part.
@Suite struct CurveTests {
    private let folder: Folder

    init() throws {
        folder = try Folder()
        try folder.write(try SharedFixture.open().alone(steps: 2).yaml, to: "recipe.yaml")
        for name in ["coordinator", "allowed/w1", "stranger"] {
            let made = try Denju.run(["keys", name], in: folder)
            #expect(made.status == 0, "\(made.errors)")
            #expect(made.output.contains("\(name).key (secret, mode 0600)"))
        }
    }

    private var withKeys: [String] {
        [
            "coordinator", "--recipe", "recipe.yaml", "--run", "run", "--key", "coordinator.key",
            "--workers", "allowed",
        ]
    }

    private func worker(_ key: String, patience: String, at address: String) throws -> Command {
        try Denju.start(
            [
                "worker", "--connect", address, "--key", key, "--server", "coordinator.pub",
                "--patience", patience, "--cache", "cache",
            ], in: folder)
    }

    @Test func onlyAllowedKeysTakePart() throws {
        let coordinator = try Denju.start(withKeys, in: folder)
        try wait("address") { folder.has("run/address") }
        let address = try folder.text("run/address").trimmingCharacters(in: .newlines)
        let stranger = try worker("stranger.key", patience: "0.5", at: address)
        let refused = try stranger.outcome()
        expectLastSentence(refused, saying: [address, "was absent", "key"])
        let fingerprint = try #require(folder.text("stranger.pub").split(separator: " ").last)
            .prefix(32)
        try coordinator.waitForMessage("has the key \(fingerprint), which is not on the list")
        let bare = try Denju.run(
            ["worker", "--connect", address, "--patience", "0.5", "--cache", "cache"], in: folder)
        expectLastSentence(bare, saying: [address, "was absent"])
        try coordinator.waitForMessage("a client is rejected, because its handshake failed")
        #expect(!coordinator.errorsSoFar.contains("joins"))
        let allowed = try worker("allowed/w1.key", patience: "60", at: address)
        #expect(try coordinator.outcome().status == 0)
        #expect(try allowed.outcome().status == 0)
        #expect(try folder.steps().map(\.step) == [1, 2])
        #expect(try Denju.run(["verify", "run"], in: folder).status == 0)
    }

    @Test func unsafeKeyFilesAreRejected() throws {
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o644], ofItemAtPath: folder("coordinator.key"))
        expectOneSentence(
            try Denju.run(withKeys, in: folder),
            saying: ["coordinator.key", "0644", "chmod 600"])
        #expect(!folder.has("run"))
        expectOneSentence(
            try Denju.run(["keys", "stranger"], in: folder), saying: ["stranger.key", "exists"])
        expectOneSentence(
            try worker("nowhere.key", patience: "1", at: "tcp://127.0.0.1:1").outcome(),
            saying: ["nowhere.key"])
        expectOneSentence(
            try Denju.run(
                ["worker", "--connect", "tcp://127.0.0.1:1", "--key", "stranger.key"]
                    + ["--server", "allowed/w1.key"], in: folder),
            saying: ["allowed/w1.key holds a secret key", "public key is expected"])
        expectOneSentence(
            try Denju.run(
                ["status", "--connect", "tcp://127.0.0.1:1", "--key", "stranger.pub"]
                    + ["--server", "coordinator.pub"], in: folder),
            saying: ["stranger.pub holds a public key", "secret key is expected"])
        try folder.write("not a key\n", to: "allowed/w2.pub")
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o600], ofItemAtPath: folder("coordinator.key"))
        expectOneSentence(try Denju.run(withKeys, in: folder), saying: ["allowed/w2.pub"])
    }
}
