import Foundation
import Glibc
import Reporting

/// The folder for fetched files, unless one is given.
package enum StandardCache {
    /// The folder, by the XDG Base Directory Specification; without `HOME`, below the home that the
    /// system's list of users names, or else below a private folder for temporary files.
    package static func path(_ environment: [String: String]) -> String {
        if let base = environment["XDG_CACHE_HOME"], base.hasPrefix("/") { return base + "/denju" }
        if let home = environment["HOME"], home.hasPrefix("/") { return home + "/.cache/denju" }
        if let user = unsafe getpwuid(getuid()), let directory = unsafe user.pointee.pw_dir {
            let home = unsafe String(cString: directory)
            // Users of services have homes such as / and /nonexistent.
            if home.count > 1, unsafe access(home, W_OK) == 0 { return home + "/.cache/denju" }
        }
        return fallback + "/cache"
    }

    /// Throws if another user could have prepared the cache's folder.
    ///
    /// Entries of packs are believed, so another user's folder would decide what a student learns.
    package static func check(_ path: String) throws {
        guard path == fallback + "/cache", !PrivateFolder.exists(fallback) else { return }
        throw UserError(
            "\(fallback) is open to other users, or belongs to one: set HOME, or choose another folder "
                + "with --cache.")
    }

    private static var fallback: String { "/tmp/denju-\(getuid())" }
}
