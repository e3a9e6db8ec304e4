import CZeroMQ
import Glibc

/// An accepted network connection.
///
/// The system may reuse a closed connection's descriptor for a later one.
package struct Connection: Hashable, Comparable, Sendable {
    let descriptor: Int32

    package init(descriptor: Int32) { self.descriptor = descriptor }

    /// Compares descriptors.
    package static func < (left: Connection, right: Connection) -> Bool {
        left.descriptor < right.descriptor
    }

    /// The bytes received over the connection; nil if the system does not report them.
    package var receivedBytes: Int? {
        // Glibc's struct tcp_info ends before Linux' tcpi_bytes_received, which is at byte 128.
        var info = [UInt64](repeating: 0, count: 32)
        var size = socklen_t(8 * info.count)
        guard unsafe getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_INFO, &info, &size) == 0,
            size >= 136
        else { return nil }
        return Int(clamping: info[16])
    }

    /// Closes the connection.
    ///
    /// If the connection has just ended and its descriptor belongs to another one, that one is
    /// closed instead, and its peer reconnects.
    package func hangUp() {
        // libzmq has no call that disconnects one peer; it notices the closed descriptor.
        _ = shutdown(descriptor, Int32(SHUT_RDWR))
    }
}

extension Multipart {
    /// The connection over which the message arrived; nil if it did not arrive over a network.
    package var connection: Connection? {
        frames.last?.property("__fd").flatMap { Int32($0) }.map { Connection(descriptor: $0) }
    }
}

/// The limit of open files of a process, connections included.
package enum OpenFiles {
    /// The hard limit of this process, to which reading this property raises the soft limit.
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
