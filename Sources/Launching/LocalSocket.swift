import Foundation
import Glibc
import Synchronization
package import ZeroMQ

/// Where a coordinator listens whose workers are processes of its own: a Unix domain socket in a folder
/// that nobody but this user may enter.
///
/// It takes less of the processors than the loopback device does, and unlike there no other user of the
/// machine can call. Where there cannot be such a folder it is the loopback device all the same.
package struct LocalSocket {
    package let endpoint: Endpoint
    private let path: String?

    private static let made = Atomic(0)
    /// The longest path that a socket may have, less what libzmq needs.
    private static let longestPath = 100

    /// A place of its own for each coordinator of this process, below the system's folder for temporary
    /// files.
    package init() throws {
        let number = Self.made.add(1, ordering: .relaxed).newValue
        let parent = FileManager.default.temporaryDirectory
        let folder = parent.appending(path: "denju-\(getuid())").path
        let path = "\(folder)/\(getpid())-\(number)"
        guard path.utf8.count <= Self.longestPath, Self.isPrivate(folder) else {
            self.path = nil
            endpoint = try Endpoint("tcp://127.0.0.1:*")
            return
        }
        Self.clear(folder)
        self.path = path
        endpoint = .ipc(path: path)
    }

    /// Leaves nothing behind.
    package func remove() {
        if let path { try? FileManager.default.removeItem(atPath: path) }
    }

    /// Whether a folder is there, made now or before, that this user alone may enter.
    private static func isPrivate(_ folder: String) -> Bool {
        let manager = FileManager.default
        let mode = 0o700
        try? manager.createDirectory(
            atPath: folder, withIntermediateDirectories: false,
            attributes: [.posixPermissions: mode])
        // Attributes are those of a link itself: one that leads elsewhere is not a folder.
        guard let found = try? manager.attributesOfItem(atPath: folder) else { return false }
        return found[.type] as? FileAttributeType == .typeDirectory
            && (found[.ownerAccountID] as? NSNumber)?.uint32Value == getuid()
            && (found[.posixPermissions] as? NSNumber)?.intValue == mode
    }

    /// Removes what processes have left that were killed.
    private static func clear(_ folder: String) {
        let manager = FileManager.default
        for name in (try? manager.contentsOfDirectory(atPath: folder)) ?? [] {
            guard let process = name.split(separator: "-").first.flatMap({ pid_t($0) }),
                kill(process, 0) != 0, errno == ESRCH
            else { continue }
            try? manager.removeItem(atPath: folder + "/" + name)
        }
    }
}
