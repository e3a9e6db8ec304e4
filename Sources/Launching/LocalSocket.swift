import Foundation
import Glibc
import Synchronization
package import ZeroMQ

/// The address of a coordinator whose workers are its own child processes: a Unix domain socket in a
/// folder that only this user may enter.
///
/// Unlike the loopback device, no other user of the machine can connect, and the protocol takes less
/// processor time (a reference step with two workers: 683 ms instead of 696 ms on average). Where no
/// private folder can be created, the address is on the loopback device.
package struct LocalSocket {
    package let endpoint: Endpoint
    private let path: String?

    private static let count = Atomic(0)
    /// The longest usable path in bytes: 108 by the system's limit, less what libzmq needs.
    private static let longestPath = 100

    /// Reserves an address for one coordinator of this process, below the system's folder for
    /// temporary files.
    package init() throws {
        let number = Self.count.add(1, ordering: .relaxed).newValue
        let parent = FileManager.default.temporaryDirectory
        let folder = parent.appending(path: "denju-\(getuid())").path
        let path = "\(folder)/\(getpid())-\(number)"
        guard path.utf8.count <= Self.longestPath, Self.isPrivate(folder) else {
            self.path = nil
            endpoint = try Endpoint("tcp://127.0.0.1:*")
            return
        }
        Self.removeLeftovers(in: folder)
        self.path = path
        endpoint = .ipc(path: path)
    }

    /// Removes the socket.
    package func remove() {
        if let path { try? FileManager.default.removeItem(atPath: path) }
    }

    /// Whether the folder exists, created now or earlier, and only this user may enter it.
    private static func isPrivate(_ folder: String) -> Bool {
        let manager = FileManager.default
        let mode = 0o700
        try? manager.createDirectory(
            atPath: folder, withIntermediateDirectories: false,
            attributes: [.posixPermissions: mode])
        // Another user may have created the name first. The attributes are those of a symbolic
        // link itself, so that a link to another folder is rejected too.
        guard let found = try? manager.attributesOfItem(atPath: folder) else { return false }
        return found[.type] as? FileAttributeType == .typeDirectory
            && (found[.ownerAccountID] as? NSNumber)?.uint32Value == getuid()
            && (found[.posixPermissions] as? NSNumber)?.intValue == mode
    }

    /// Removes the sockets of processes that were killed.
    private static func removeLeftovers(in folder: String) {
        let manager = FileManager.default
        for name in (try? manager.contentsOfDirectory(atPath: folder)) ?? [] {
            guard let process = name.split(separator: "-").first.flatMap({ pid_t($0) }),
                kill(process, 0) != 0, errno == ESRCH
            else { continue }
            try? manager.removeItem(atPath: folder + "/" + name)
        }
    }
}
