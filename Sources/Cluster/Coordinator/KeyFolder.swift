import Foundation
import Synchronization
package import ZeroMQ

/// The folder of the keys that may join, which is looked at again while the run goes on.
///
/// A key file that is added lets its holder in, one that is removed cuts its holder off: at the next
/// heartbeat, or at once when ``lookAgain()`` is called.
package final class KeyFolder: Sendable {
    /// Where it is.
    package let path: String
    /// The keys in it when it was read last.
    package var keys: AllowList { state.withLock { $0.keys } }

    private struct State {
        var keys: AllowList
        var files: [String: File]
    }

    private let state: Mutex<State>
    private let asked = Atomic(false)

    /// Whether it is to be read anew at once.
    var isAsked: Bool { asked.load(ordering: .acquiring) }

    /// Reads a folder; throws ``SocketError`` if a file in it is no key.
    package init(_ path: String) throws {
        self.path = path
        let files = Self.files(in: path)
        state = Mutex(State(keys: try AllowList(folder: path), files: files))
    }

    /// Has it read anew at the next occasion, whether it seems to have changed or not.
    package func lookAgain() { asked.store(true, ordering: .releasing) }

    /// The keys, if they are others than before; nil if they are the same.
    ///
    /// Throws ``SocketError`` once for each state of the folder that cannot be used; the keys before
    /// stay in force.
    func change() throws -> AllowList? {
        let files = Self.files(in: path)
        let wasAsked = asked.exchange(false, ordering: .acquiringAndReleasing)
        let isChanged = state.withLock { state in
            defer { state.files = files }
            return state.files != files
        }
        guard wasAsked || isChanged else { return nil }
        let keys = try AllowList(folder: path)
        return state.withLock { state in
            guard state.keys != keys else { return nil }
            state.keys = keys
            return keys
        }
    }

    /// What tells one state of a file from another.
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
