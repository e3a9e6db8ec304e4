package import Glibc

/// A host without an address, with the reason in one sentence.
package struct AddressError: Error, CustomStringConvertible, Equatable {
    /// The sentence.
    package let description: String
}

/// A network address of a host, as the system's resolver returns it.
package struct ResolvedAddress: Sendable {
    /// Whether the address is of IPv6.
    package let isIPv6: Bool
    /// The address as text, an IPv6 address without brackets.
    package let text: String
    private let storage: [UInt8]

    /// Passes the address to a function of the system.
    package func withSocketAddress<Result>(
        _ body: (UnsafePointer<sockaddr>, socklen_t) throws -> Result
    ) rethrows -> Result {
        try unsafe storage.withUnsafeBytes { bytes in
            try unsafe body(
                bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
        }
    }

    /// The addresses of a host and port in the order of preference (RFC 6724).
    ///
    /// Throws ``AddressError`` if there are none.
    ///
    /// - Parameter isListening: whether the addresses are this machine's, to listen at.
    package static func of(
        _ host: String, port: UInt16, isListening: Bool = false
    ) throws(AddressError) -> [ResolvedAddress] {
        var hints = unsafe addrinfo()
        unsafe hints.ai_family = AF_UNSPEC
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        unsafe hints.ai_flags = isListening ? AI_PASSIVE : 0
        // Text of digits and dots that is no address is a mistake; a query for it would take seconds.
        let isNumeric = host.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2E }
        if isNumeric || host.contains(":") { unsafe hints.ai_flags |= AI_NUMERICHOST }
        var list: UnsafeMutablePointer<addrinfo>?
        let code = unsafe getaddrinfo(host, "\(port)", &hints, &list)
        guard code == 0 else {
            let reason = unsafe String(cString: gai_strerror(code))
            throw AddressError(description: "The host '\(host)' has no address: \(reason).")
        }
        defer { unsafe freeaddrinfo(list) }
        var addresses: [ResolvedAddress] = []
        var next = unsafe list
        while let entry = unsafe next?.pointee {
            unsafe next = unsafe entry.ai_next
            guard let address = unsafe entry.ai_addr else { continue }
            var name = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            guard
                unsafe getnameinfo(
                    address, entry.ai_addrlen, &name, socklen_t(name.count), nil, 0,
                    NI_NUMERICHOST) == 0
            else { continue }
            let text = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            let storage = unsafe Array(
                UnsafeRawBufferPointer(start: address, count: Int(entry.ai_addrlen)))
            addresses.append(
                ResolvedAddress(
                    isIPv6: unsafe entry.ai_family == AF_INET6,
                    text: String(decoding: text, as: UTF8.self), storage: storage))
        }
        return addresses
    }

    /// Whether a connection to the address succeeds.
    ///
    /// - Parameter timeout: the longest wait, in milliseconds.
    package func accepts(within timeout: Int32) -> Bool {
        let type =
            Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
            | Int32(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(isIPv6 ? AF_INET6 : AF_INET, type, 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        let status = unsafe withSocketAddress { unsafe connect(descriptor, $0, $1) }
        if status == 0 { return true }
        guard errno == EINPROGRESS else { return false }
        var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        guard unsafe poll(&wait, 1, timeout) == 1 else { return false }
        var error: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        return unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0
    }
}
