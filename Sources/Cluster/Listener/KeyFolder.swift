import Foundation
import Synchronization
package import ZeroMQ

/// Folder of the keys that may join, read again while the run continues.
///
/// The owner of a key file that is added may join; the owner of one that is removed is disconnected:
/// at the next heartbeat, or at once when ``requestReload()`` is called. While the folder or a file in
/// it cannot be read, the keys read before stay in force: a network file system that fails for a minute
/// must not disconnect every worker.
package final class KeyFolder: Sendable {
    /// The folder.
    package let path: String
    /// The keys that it held when it was read last.
    package var keys: AllowList { state.withLock { $0.keys } }

    private struct State {
        var keys: AllowList
        /// Nil if the folder could not be read.
        var files: [String: FileStamp?]?
        var checks = 0
    }

    /// Checks after which the keys are read although no file seems to have changed.
    // File systems of networks may show an old time of change, and coarse clocks the same one twice.
    private static let checksPerReading = 30

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
        let (isChanged, isDue) = state.withLock { state in
            // Also if reading fails below: the same damage is reported once.
            defer { state.files = files }
            state.checks += 1
            return (state.files != files, state.checks.isMultiple(of: Self.checksPerReading))
        }
        guard isRequested || isChanged || isDue else { return nil }
        let keys: AllowList
        do {
            keys = try AllowList(folder: path)
        } catch {
            // Damage that was there before was reported before.
            guard isRequested || isChanged else { return nil }
            throw error
        }
        return state.withLock { state in
            guard state.keys != keys else { return nil }
            state.keys = keys
            return keys
        }
    }

    private static func files(in path: String) -> [String: FileStamp?]? {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
            return nil
        }
        let keys = names.filter { $0.hasSuffix(".pub") }
        return Dictionary(uniqueKeysWithValues: keys.map { ($0, FileStamp(path + "/" + $0)) })
    }
}
