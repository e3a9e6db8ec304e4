import Cluster
import ClusterTesting
import Foundation
import Messages
import Testing
import ZeroMQ

/// Keys that are added and removed while a coordinator runs.
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

    /// A worker whose key is removed is disconnected; the owner of a key that is added may join.
    @Test func keysAreFollowedWhileTheRunContinues() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let own = try CurveKeyPair.generate()
        let (first, second) = (try pair("first"), try CurveKeyPair.generate())
        let folder = try KeyFolder(path)
        #expect(folder.keys.count == 1)
        let coordinator = try LiveCoordinator(steps: 1_000_000) { settings in
            settings.listener.keys = (own, folder.keys)
            settings.listener.keyFolder = folder
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
        folder.requestReload()
        try coordinator.waits(for: "event of two keys") {
            $0.events.contains(.keysChanged(folder: path, count: 2))
        }
        let new = try intruder(second)
        try new.join(name: "new")
        try FileManager.default.removeItem(atPath: path + "/first.pub")
        folder.requestReload()
        try coordinator.waits(for: "loss of the worker") {
            $0.events.contains {
                if case .lost(_, "nowhere/old", .keyRevoked, _) = $0 { true } else { false }
            }
        }
        // Half a key is not a key: the keys read before stay in force.
        try "half".write(toFile: path + "/third.pub", atomically: true, encoding: .utf8)
        folder.requestReload()
        try coordinator.waits(for: "event of the damage") {
            $0.events.contains {
                guard case .keysUnusable(let reason) = $0 else { return false }
                return reason.contains("third.pub") && "\($0)".contains("stay in force")
            }
        }
        try new.send(new.hello(name: "again"), run: RunID.none, epoch: 0)
        try new.receive(Welcome.self)
    }
}
