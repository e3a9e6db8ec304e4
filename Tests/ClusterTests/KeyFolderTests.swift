import Cluster
import ClusterTesting
import Foundation
import Messages
import Testing
import ZeroMQ

/// Keys come and go while a coordinator runs.
@Suite struct KeyFolderTests {
    private let path = FileManager.default.temporaryDirectory.appending(
        path: "denju-keys-" + UUID().uuidString
    ).path

    init() throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    private func pair(_ name: String) throws -> CurveKeyPair {
        let pair = try CurveKeyPair.generate()
        try pair.publicKey.write(to: path + "/\(name).pub")
        return pair
    }

    /// A peer whose key is taken away is cut off, and whoever gets its key in may join.
    @Test func whoseKeyGoesGoes() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let own = try CurveKeyPair.generate()
        let (first, second) = (try pair("first"), try CurveKeyPair.generate())
        let folder = try KeyFolder(path)
        #expect(folder.keys.count == 1)
        let coordinator = try LiveCoordinator(steps: 1_000_000) { settings in
            settings.reception.keys = (own, folder.keys)
            settings.reception.keyFolder = folder
            settings.heartbeatTimeout = .seconds(60)
        }
        func intruder(_ pair: CurveKeyPair) throws -> Intruder {
            try Intruder(
                at: coordinator.endpoint,
                security: .curveClient(pair, server: own.publicKey))
        }
        let old = try intruder(first)
        defer { withExtendedLifetime(old) {} }
        try old.join(name: "old")
        try second.publicKey.write(to: path + "/second.pub")
        folder.lookAgain()
        try coordinator.waits(for: "word of two keys") {
            $0.notes.contains { $0.contains("2 may join now") }
        }
        let new = try intruder(second)
        try new.join(name: "new")
        try FileManager.default.removeItem(atPath: path + "/first.pub")
        folder.lookAgain()
        try coordinator.waits(for: "its end") {
            $0.notes.contains {
                $0.contains("(nowhere/old) is gone: its key")
                    && $0.contains("may not join any more")
            }
        }
        // Half a key is no key: what was read before stays in force.
        try "half".write(toFile: path + "/third.pub", atomically: true, encoding: .utf8)
        folder.lookAgain()
        try coordinator.waits(for: "word of the damage") {
            $0.notes.contains { $0.contains("third.pub") && $0.contains("stay in force") }
        }
        try new.say(new.hello(name: "again"), run: RunID.none, epoch: 0)
        try new.hear(Welcome.self)
    }
}
