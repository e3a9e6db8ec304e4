import CZeroMQ
import Glibc

/// A TCP port on which a ``Socket`` listens, with other keys after each renewal.
///
/// libzmq copies a server's keys when it binds an endpoint, and ends the endpoint's connections when it
/// unbinds it. So that connections remain, a renewal listens on the port once more, and a program of the
/// system (`SO_ATTACH_REUSEPORT_CBPF`, socket(7)) gives all new connections to the latest listener.
/// Other processes cannot share the port: libzmq does not ask for it, which the system requires.
package struct ListeningPort {
    /// The first listener, whose address the others share.
    private let first: Int32
    private var renewals: UInt32 = 0

    /// The port that a socket has just been bound to; nil if the endpoint is none of TCP.
    package init?(
        _ endpoint: Endpoint, monitoredBy monitor: borrowing SocketMonitor
    ) throws(SocketError) {
        guard case .tcp = endpoint else { return nil }
        // Written by the call that bound it, before any connection's events.
        while let event = try monitor.next() {
            guard event.kind == .listening, let listener = event.connection else { continue }
            first = listener.descriptor
            return
        }
        return nil
    }

    /// A further listener, which gets all new connections from now on.
    fileprivate mutating func renew() throws(SocketError) -> Int32 {
        var address = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let listener = unsafe withUnsafeMutablePointer(to: &address) { address in
            unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address -> Int32? in
                guard unsafe getsockname(first, address, &size) == 0 else { return nil }
                let listener = socket(Int32(unsafe address.pointee.sa_family), kind, 0)
                guard listener >= 0 else { return nil }
                if set(first, SO_REUSEPORT, 1), set(listener, SO_REUSEPORT, 1),
                    set(listener, SO_REUSEADDR, 1), copyFamilies(to: listener),
                    unsafe bind(listener, address, size) == 0, listen(listener, backlog) == 0,
                    choose(renewals + 1, on: listener)
                {
                    return listener
                }
                let reason = errno
                close(listener)
                errno = reason
                return nil
            }
        }
        guard let listener else {
            throw SocketError(
                errno: errno,
                "The system cannot pass a port on, so that the former key stays in force")
        }
        renewals += 1
        return listener
    }

    private let backlog = Int32(SocketHandle.backlog)

    private func set(
        _ descriptor: Int32, level: Int32 = SOL_SOCKET, _ option: Int32, _ value: Int32
    ) -> Bool {
        var value = value
        let size = socklen_t(MemoryLayout<Int32>.size)
        return unsafe setsockopt(descriptor, level, option, &value, size) == 0
    }

    /// Whether IPv4 clients are accepted by an IPv6 address, too.
    private func copyFamilies(to listener: Int32) -> Bool {
        var value: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        let level = Int32(IPPROTO_IPV6)
        // Fails for IPv4, which has no such option.
        guard unsafe getsockopt(first, level, IPV6_V6ONLY, &value, &size) == 0 else { return true }
        return set(listener, level: level, IPV6_V6ONLY, value)
    }

    /// Has the system give new connections to the listener of this number.
    private func choose(_ number: UInt32, on listener: Int32) -> Bool {
        var instruction = sock_filter(code: UInt16(BPF_RET), jt: 0, jf: 0, k: number)
        return unsafe withUnsafeMutablePointer(to: &instruction) { instruction in
            var program = unsafe sock_fprog(len: 1, filter: instruction)
            return unsafe setsockopt(
                listener, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program,
                socklen_t(MemoryLayout<sock_fprog>.size)) == 0
        }
    }
}

extension Socket {
    /// Replaces a CURVE server's keys for later handshakes; connections that exist remain.
    ///
    /// - Parameter port: where the endpoint's connections arrive; nil if it is none of TCP.
    package func replaceKeys(
        _ keys: CurveKeyPair, at endpoint: Endpoint, on port: inout ListeningPort?
    ) throws(SocketError) {
        let listener = try port?.renew()
        do throws(SocketError) {
            try handle.set(ZMQ_CURVE_SECRETKEY, bytes: keys.secretKey.bytes, "that secret key")
            if let listener { try handle.setListener(listener) }
            // A Unix socket's path is taken over from the former listener.
            guard unsafe zmq_bind(handle.pointer, endpoint.description) == 0 else {
                throw SocketError(
                    errno: zmq_errno(), "The socket cannot be bound to \(endpoint) again")
            }
            try handle.setListener(-1)
        } catch {
            // The former listener gets new connections again.
            if let listener { close(listener) }
            try? handle.setListener(-1)
            throw error
        }
    }
}
