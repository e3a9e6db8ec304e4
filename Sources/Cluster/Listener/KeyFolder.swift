import Foundation
import Synchronization
package import ZeroMQ

/// Folder of the keys that may join, read again while the run continues.
///
/// The owner of a key file that is added may join; the owner of one that is removed is disconnected:
/// at the next heartbeat, or at once when ``requestReload()`` is called.
package final class KeyFolder: Sendable {
    /// The folder.
    package let path: String
    /// The keys that it held when it was read last.
    package var keys: AllowList { state.withLock { $0.keys } }

    private struct State {
        var keys: AllowList
        var files: [String: File]
    }

    private let state: Mutex<State>
    private let reloadRequest = Atomic(false)

    /// Whether it must be read at once.
    var isReloadRequested: Bool { reloadRequest.load(ordering: .acquiring) }

    /// Reads a folder; throws ``SocketError`` if a file in it is not a key.
    package init(_ path: String) throws {
        self.path = path
        let files = Self.files(in: path)
        state = Mutex(State(keys: try AllowList(folder: path), files: files))
    }

    /// Has it read at the next opportunity, whether it seems to have changed or not.
    package func requestReload() { reloadRequest.store(true, ordering: .releasing) }

    /// The keys, if they differ from those read before.
    ///
    /// Throws ``SocketError`` once for each state of the folder that cannot be used; the keys read
    /// before stay in force.
    func change() throws -> AllowList? {
        // Reading every key at each heartbeat would cost more than comparing inodes and times.
        let files = Self.files(in: path)
        let isRequested = reloadRequest.exchange(false, ordering: .acquiringAndReleasing)
        let isChanged = state.withLock { state in
            // Also if reading fails below: the same damage is reported once.
            defer { state.files = files }
            return state.files != files
        }
        guard isRequested || isChanged else { return nil }
        let keys = try AllowList(folder: path)
        return state.withLock { state in
            guard state.keys != keys else { return nil }
            state.keys = keys
            return keys
        }
    }

    /// Properties by which a changed file is recognised.
    private struct File: Equatable {
        let number: UInt64?
        let time: Double?
    }

    private static func files(in path: String) -> [String: File] {
        let manager = FileManager.default
        let names = (try? manager.contentsOfDirectory(atPath: path)) ?? []
        var files: [String: File] = [:]
        for name in names where name.hasSuffix(".pub") {
            let found = try? manager.attributesOfItem(atPath: path + "/" + name)
            files[name] = File(
                number: found?[.systemFileNumber] as? UInt64,
                time: (found?[.modificationDate] as? Date)?.timeIntervalSince1970)
        }
        return files
    }
}
