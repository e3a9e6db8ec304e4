import Foundation
import Glibc
import Reporting
import Synchronization
package import ZeroMQ

/// The address of a coordinator whose workers are its own child processes: a Unix domain socket in a
/// folder that only this user may enter.
///
/// Unlike the loopback device, no other user of the machine can connect, and the protocol takes less
/// processor time (a reference step with two workers: 683 ms instead of 696 ms on average). Where no
/// private folder can be created, there is no address: a port would be open to every user.
package struct LocalSocket {
    package let endpoint: Endpoint
    private let path: String
    /// The folder if it is this socket's alone, which is removed with it.
    private let ownFolder: String?

    private static let count = Atomic(0)
    /// The longest usable path in bytes: 108 by the system's limit, less what libzmq needs.
    private static let longestPath = 100

    /// Reserves an address for one coordinator of this process.
    ///
    /// Throws if no folder for temporary files of the system is suitable.
    package init() throws {
        try self.init(below: Self.parents(ProcessInfo.processInfo.environment))
    }

    /// Reserves an address below the first suitable folder.
    package init(below parents: [String]) throws {
        let name = "\(getpid())-\(Self.count.add(1, ordering: .relaxed).newValue)"
        for parent in parents {
            guard "\(parent)/denju-\(getuid())-XXXXXX/\(name)".utf8.count <= Self.longestPath
            else { continue }
            Self.removeAbandonedFolders(in: parent)
            let shared = "\(parent)/denju-\(getuid())"
            if PrivateFolder.exists(shared) {
                Self.removeLeftovers(in: shared)
                (path, ownFolder) = ("\(shared)/\(name)", nil)
            } else if let own = PrivateFolder.create(shared + "-XXXXXX") {
                // The shared name can exist as another user's folder.
                (path, ownFolder) = ("\(own)/\(name)", own)
            } else {
                continue
            }
            endpoint = .ipc(path: path)
            return
        }
        throw UserError(
            "No private folder for the socket of local workers can be created below "
                + "\(parents.joined(separator: ", ")): set TMPDIR to a folder with a short path that "
                + "you may write to.")
    }

    /// The folders for temporary files: the environment's, then the system's.
    package static func parents(_ environment: [String: String]) -> [String] {
        let named = ["TMPDIR", "XDG_RUNTIME_DIR"].compactMap { environment[$0] }
        var parents: [String] = []
        for folder in named + ["/tmp", "/var/tmp", "/dev/shm"] where folder.hasPrefix("/") {
            let folder =
                folder.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder
            if !parents.contains(folder) { parents.append(folder) }
        }
        return parents
    }

    /// Removes the socket.
    package func remove() {
        _ = unsafe unlink(path)
        if let ownFolder { _ = unsafe rmdir(ownFolder) }
    }

    /// Removes the folders of processes that were killed.
    private static func removeAbandonedFolders(in parent: String) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? []
        for name in names where name.hasPrefix("denju-\(getuid())-") {
            let folder = parent + "/" + name
            var status = stat()
            guard unsafe lstat(folder, &status) == 0, status.st_mode & S_IFMT == S_IFDIR,
                status.st_uid == getuid()
            else { continue }
            // A folder without sockets may belong to a process that is about to bind one.
            guard removeLeftovers(in: folder) > 0 else { continue }
            _ = unsafe rmdir(folder)
        }
    }

    /// Removes the sockets of processes that were killed; returns their number.
    @discardableResult
    private static func removeLeftovers(in folder: String) -> Int {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.count { name in
            guard let process = name.split(separator: "-").first.flatMap({ pid_t($0) }),
                kill(process, 0) != 0, errno == ESRCH
            else { return false }
            return unsafe unlink(folder + "/" + name) == 0
        }
    }
}
