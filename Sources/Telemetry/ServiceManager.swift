internal import Glibc

/// The service manager that started this process and expects notifications (systemd,
/// `Type=notify`).
///
/// Every notification is one datagram to the socket in `NOTIFY_SOCKET`, as in sd_notify(3). A
/// process without a manager sends none, and an unreachable manager does not delay the process.
package struct ServiceManager: Sendable {
    /// A notification of a service.
    package enum Message: Sendable, Hashable {
        /// The service has started.
        case ready
        /// The service has made progress, which restarts the manager's watchdog.
        case watchdog
        /// The service's activity, in one line.
        case status(String)
        /// The service is ending.
        case stopping

        fileprivate var text: String {
            switch self {
            case .ready: "READY=1"
            case .watchdog: "WATCHDOG=1"
            case .status(let line): "STATUS=" + line.replacing("\n", with: " ").visible()
            case .stopping: "STOPPING=1"
            }
        }
    }

    /// The socket's path; nil if there is no manager.
    ///
    /// A path that begins with `@` is in the abstract namespace.
    private let path: String?

    /// The manager named by environment variables.
    package init(environment: [String: String]) {
        let path = environment["NOTIFY_SOCKET"] ?? ""
        self.path = path.hasPrefix("/") || path.hasPrefix("@") ? path : nil
    }

    /// Sends notifications in one datagram.
    package func tell(_ messages: Message...) {
        guard let path else { return }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var name = Array(path.utf8)
        guard name.count < MemoryLayout.size(ofValue: address.sun_path) else { return }
        let length = MemoryLayout<sa_family_t>.size + name.count
        // The kernel marks the abstract namespace with a zero byte.
        if name[0] == UInt8(ascii: "@") { name[0] = 0 }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: name) }
        // Non-blocking: a manager with a full queue must not delay the run.
        let datagram = SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
        let descriptor = socket(AF_UNIX, Int32(datagram), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let text = messages.map(\.text).joined(separator: "\n")
        _ = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { socketAddress in
                unsafe sendto(
                    descriptor, text, text.utf8.count, Int32(MSG_NOSIGNAL), socketAddress,
                    socklen_t(length))
            }
        }
    }
}
