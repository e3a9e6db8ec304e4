import Foundation
import Testing

/// The address at which `denju train` listens for its workers.
@Suite struct LocalSocketTests {
    private let fixture: SharedFixture
    private let folder: Folder

    init() throws {
        fixture = try SharedFixture.open()
        folder = try Folder()
    }

    /// The folder of this user's sockets, below the test's.
    private var sockets: String { "denju-\(getuid())" }

    @Test func localSocketIsAccessibleToUserOnly() throws {
        try #require(folder.path.utf8.count < 80, "the path of a socket is limited to 108 bytes")
        let here = ["TMPDIR": folder.path]
        try folder.write(fixture.alone(steps: 100_000).yaml, to: "long.yaml")
        try folder.write(fixture.alone(steps: 3).yaml, to: "short.yaml")
        let command = ["train", "--workers", "2", "--recipe"]
        let first = try Denju.start(
            command + ["long.yaml", "--run", "run"], in: folder, under: here)
        try folder.waitForStep(3)
        #expect(try folder.text("run/address").hasPrefix("ipc://\(folder.path)/\(sockets)/"))
        let path = folder.path + "/" + sockets
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
        #expect((mode as? NSNumber)?.intValue == 0o700)
        let status = try Denju.run(["status", "--connect", "file:run/address"], in: folder)
        #expect(status.status == 0, "\(status.errors)")
        #expect(status.output.contains("/local-2"), "\(status.output)")

        // A killed run leaves its socket; the next run removes it.
        first.kill(9)
        #expect(try first.outcome().status == -9)
        #expect(try FileManager.default.contentsOfDirectory(atPath: path).count == 1)
        let second = try Denju.run(
            command + ["short.yaml", "--run", "other"], in: folder, under: here)
        #expect(second.status == 0, "\(second.errors)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: path).isEmpty)
    }

    /// The folder is accessible to others, or it cannot be created.
    @Test func loopbackIsUsedWithoutPrivateFolder() throws {
        try folder.write(fixture.alone(steps: 3).yaml, to: "recipe.yaml")
        let path = folder.path + "/" + sockets
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o755])
        for (place, run) in [(folder.path, "a"), (folder.path + "/nowhere", "b")] {
            let outcome = try Denju.run(
                ["train", "--recipe", "recipe.yaml", "--run", run], in: folder,
                under: ["TMPDIR": place])
            #expect(outcome.status == 0, "\(outcome.errors)")
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: path).isEmpty)
        #expect(try folder.digest(of: "a") == folder.digest(of: "b"))
    }
}
