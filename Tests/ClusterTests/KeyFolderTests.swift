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
                if case .lost(_, "nowhere/old, key first", .keyRevoked, _) = $0 {
                    true
                } else {
                    false
                }
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

    /// A coordinator with a heartbeat every 0.2 s, which follows the folder and its own key.
    private func coordinator(
        _ folder: KeyFolder, _ own: OwnKeyFile, heartbeatTimeout: Duration = .seconds(1)
    ) throws -> LiveCoordinator {
        try LiveCoordinator(steps: 1_000_000) { settings in
            settings.listener.keys = (own.pair, folder.keys)
            settings.listener.keyFolder = folder
            settings.listener.ownKey = own
            settings.heartbeatTimeout = heartbeatTimeout
        }
    }

    private func ownKey() throws -> (pair: CurveKeyPair, path: String) {
        let pair = try CurveKeyPair.generate()
        try FileManager.default.createDirectory(
            atPath: path + "/own", withIntermediateDirectories: true)
        try pair.write(to: path + "/own/coordinator")
        return (pair, path + "/own/coordinator.key")
    }

    @Test("keys of a Kubernetes Secret are followed, whose folder is exchanged behind a link")
    func exchangedSecretIsFollowed() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let manager = FileManager.default
        let pairs = try (0..<2).map { _ in try CurveKeyPair.generate() }
        for (number, pair) in pairs.enumerated() {
            try manager.createDirectory(
                atPath: "\(path)/..\(number)", withIntermediateDirectories: false)
            try pair.publicKey.write(to: "\(path)/..\(number)/worker.pub")
        }
        try manager.createSymbolicLink(atPath: path + "/..data", withDestinationPath: "..0")
        try manager.createSymbolicLink(
            atPath: path + "/worker.pub", withDestinationPath: "..data/worker.pub")
        let (own, file) = try ownKey()
        let coordinator = try coordinator(KeyFolder(path), OwnKeyFile(file))
        let first = try Intruder(
            at: coordinator.endpoint,
            security: .curveClient(pairs[0], server: own.publicKey))
        try first.join(name: "first")
        try manager.createSymbolicLink(atPath: path + "/..new", withDestinationPath: "..1")
        #expect(unsafe rename(path + "/..new", path + "/..data") == 0)
        try coordinator.waits(for: "loss of the worker") {
            $0.events.contains {
                if case .lost(_, "nowhere/first, key worker", .keyRevoked, _) = $0 {
                    true
                } else {
                    false
                }
            }
        }
        let second = try Intruder(
            at: coordinator.endpoint,
            security: .curveClient(pairs[1], server: own.publicKey))
        try second.join(name: "second")
        withExtendedLifetime(first) {}
    }

    @Test("while the folder cannot be read, its keys stay in force")
    func keysOfUnreadableFolderStayInForce() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let (own, file) = try ownKey()
        let allowed = path + "/allowed"
        try FileManager.default.createDirectory(
            atPath: allowed, withIntermediateDirectories: false)
        let pairs = try (0..<2).map { _ in try CurveKeyPair.generate() }
        try pairs[0].publicKey.write(to: allowed + "/first.pub")
        let coordinator = try coordinator(KeyFolder(allowed), OwnKeyFile(file))
        #expect(unsafe rename(allowed, allowed + ".away") == 0)
        func isDamage(_ event: ClusterEvent) -> Bool {
            guard case .keysUnusable(let reason) = event else { return false }
            return reason.contains(allowed)
        }
        try coordinator.waits(for: "event of the damage") { $0.events.contains(where: isDamage) }
        let worker = try Intruder(
            at: coordinator.endpoint,
            security: .curveClient(pairs[0], server: own.publicKey))
        try worker.join(name: "first")
        try pairs[1].publicKey.write(to: allowed + ".away/second.pub")
        #expect(unsafe rename(allowed + ".away", allowed) == 0)
        try coordinator.waits(for: "event of two keys") {
            $0.events.contains(.keysChanged(folder: allowed, count: 2))
        }
        #expect(coordinator.progress.events.count(where: isDamage) == 1, "reported once")
        withExtendedLifetime(worker) {}
    }

    @Test("the coordinator's own key is replaced while workers stay connected")
    func ownKeyIsReplaced() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let (own, file) = try ownKey()
        let key = try pair("worker")
        let folder = try KeyFolder(path)
        // No worker is lost for its silence meanwhile.
        let coordinator = try coordinator(
            folder, OwnKeyFile(file), heartbeatTimeout: .seconds(600))
        let present = try Intruder(
            at: coordinator.endpoint, security: .curveClient(key, server: own.publicKey))
        try present.join(name: "present")
        let next = try CurveKeyPair.generate()
        try next.renew(at: path + "/own/coordinator")
        folder.requestReload()
        try coordinator.waits(for: "event of the key") {
            $0.events.contains(.ownKeyChanged(fingerprint: next.publicKey.fingerprint))
        }
        let late = try Intruder(
            at: coordinator.endpoint, security: .curveClient(key, server: own.publicKey))
        try coordinator.waits(for: "event of the failed handshake") {
            $0.events.contains(.handshakeFailed(withKeys: true))
        }
        let new = try Intruder(
            at: coordinator.endpoint, security: .curveClient(key, server: next.publicKey))
        try new.join(name: "new")
        // The connection of the former key still carries messages.
        try present.send(StatusRequest())
        try present.receive(Status.self)
        #expect(
            !coordinator.progress.events.contains {
                if case .lost = $0 { true } else { false }
            })
        withExtendedLifetime(late) {}
    }

    @Test("rejected keys are reported with fingerprint and folder")
    func rejectedKeysAreReported() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let (own, file) = try ownKey()
        let coordinator = try coordinator(KeyFolder(path), OwnKeyFile(file))
        let stranger = try CurveKeyPair.generate()
        let intruder = try Intruder(
            at: coordinator.endpoint, security: .curveClient(stranger, server: own.publicKey))
        try coordinator.waits(for: "event of the rejected key") { [path] in
            $0.events.contains {
                guard case .keyRejected(let reason, path) = $0 else { return false }
                return reason.contains(stranger.publicKey.fingerprint)
                    && "\($0)".contains("add its .pub file to \(path)")
            }
        }
        withExtendedLifetime(intruder) {}
    }
}
