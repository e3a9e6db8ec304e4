import Glibc
package import ZeroMQ

/// Plain TCP connection that sends arbitrary bytes.
package final class RawClient {
    private let descriptor: Int32

    /// Connects to a TCP endpoint on this machine.
    package init(at endpoint: Endpoint) throws {
        guard case .tcp(_, let port?) = endpoint else { throw LiveError("No port in \(endpoint).") }
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = unsafe withUnsafePointer(to: &address) { address in
            unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard descriptor >= 0, connected == 0 else { throw LiveError("\(endpoint) is closed.") }
    }

    deinit { close(descriptor) }

    /// Sends bytes; false if the other side has closed the connection.
    @discardableResult
    package func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            // Without MSG_NOSIGNAL, sending to a closed connection would end the process.
            let count = unsafe Glibc.send(
                descriptor, Array(bytes[sent...]), bytes.count - sent, Int32(MSG_NOSIGNAL))
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// Whether the other side closes the connection within the time; bytes it sends before are dropped.
    package func isClosed(within limit: Duration = .seconds(30)) -> Bool {
        let deadline = ContinuousClock.now + limit
        var bytes = [UInt8](repeating: 0, count: 4096)
        while ContinuousClock.now < deadline {
            var item = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let left = (deadline - .now) / .milliseconds(1)
            guard unsafe poll(&item, 1, Int32(max(0, left))) > 0 else { continue }
            // Bytes of the peer may precede the end of the connection; they are dropped.
            if unsafe recv(descriptor, &bytes, bytes.count, 0) <= 0 { return true }
        }
        return false
    }

    /// The greeting and handshake of a dealer without keys (ZMTP 3.0).
    package static let introduction: [UInt8] = {
        let greeting: [UInt8] =
            [0xFF] + [UInt8](repeating: 0, count: 8) + [0x7F, 3, 0] + Array("NULL".utf8)
            + [UInt8](repeating: 0, count: 48)
        let ready: [UInt8] =
            [5] + Array("READY".utf8) + [11] + Array("Socket-Type".utf8) + [0, 0, 0, 6]
            + Array("DEALER".utf8)
        return greeting + [4, UInt8(ready.count)] + ready
    }()

    /// A frame of so many zeros that announces another one.
    package static func unfinishedFrame(_ count: Int) -> [UInt8] {
        let length = (0..<8).map { UInt8(truncatingIfNeeded: count >> (56 - 8 * $0)) }
        return [3] + length + [UInt8](repeating: 0, count: count)
    }
}
