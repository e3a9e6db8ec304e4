internal import Glibc

/// The service manager that started this process and wants to hear of it (systemd, `Type=notify`).
///
/// Every message is one datagram to the socket that `NOTIFY_SOCKET` names, as sd_notify(3) says; a
/// manager that cannot be reached is not waited for, and a process without one says nothing.
package struct ServiceManager: Sendable {
    /// What a service says of itself.
    package enum Message: Sendable, Hashable {
        /// It has started.
        case ready
        /// It made progress: the watchdog's time begins anew.
        case watchdog
        /// What it is doing, in one line for a person.
        case status(String)
        /// It is about to end.
        case stopping

        fileprivate var text: String {
            switch self {
            case .ready: "READY=1"
            case .watchdog: "WATCHDOG=1"
            case .status(let line): "STATUS=" + line.replacing("\n", with: " ")
            case .stopping: "STOPPING=1"
            }
        }
    }

    /// The socket's path; nil if there is no manager.
    ///
    /// One that begins with `@` is in the abstract namespace.
    private let path: String?

    /// The manager that an environment names.
    package init(environment: [String: String]) {
        let path = environment["NOTIFY_SOCKET"] ?? ""
        self.path = path.hasPrefix("/") || path.hasPrefix("@") ? path : nil
    }

    /// Says something, all of it in one datagram.
    package func tell(_ messages: Message...) {
        guard let path else { return }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var name = Array(path.utf8)
        guard name.count < MemoryLayout.size(ofValue: address.sun_path) else { return }
        let length = MemoryLayout<sa_family_t>.size + name.count
        if name[0] == UInt8(ascii: "@") { name[0] = 0 }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: name) }
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
