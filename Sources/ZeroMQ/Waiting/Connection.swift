import CZeroMQ
import Glibc

/// A connection that came in over the network, as long as it lasts; a later one may have its number.
package struct Connection: Hashable, Comparable, Sendable {
    let descriptor: Int32

    package init(descriptor: Int32) { self.descriptor = descriptor }

    /// By number.
    package static func < (left: Connection, right: Connection) -> Bool {
        left.descriptor < right.descriptor
    }

    /// How many bytes the system has received over it, as far as it tells.
    package var receivedBytes: Int? {
        // struct tcp_info of Linux: tcpi_bytes_received stands at byte 128.
        var info = [UInt64](repeating: 0, count: 32)
        var size = socklen_t(8 * info.count)
        guard unsafe getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_INFO, &info, &size) == 0,
            size >= 136
        else { return nil }
        return Int(clamping: info[16])
    }

    /// Ends it: libzmq finds it closed and forgets its peer.
    ///
    /// libzmq itself cannot hang up on one peer. Should the connection have ended in this very
    /// moment and its number have gone to another one, that one ends instead and its peer calls
    /// again.
    package func hangUp() { _ = shutdown(descriptor, Int32(SHUT_RDWR)) }
}

extension Multipart {
    /// The connection it came over, if it came over the network.
    package var connection: Connection? {
        frames.last?.property("__fd").flatMap { Int32($0) }.map { Connection(descriptor: $0) }
    }
}

/// How many files a process may have open, connections included.
package enum OpenFiles {
    /// As many as the system allows this process, once it has asked for all of them.
    package static let limit: Int = {
        var limits = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits) == 0 else {
            return 1024
        }
        limits.rlim_cur = limits.rlim_max
        _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits)
        _ = unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits)
        return Int(clamping: limits.rlim_cur)
    }()
}
