internal import Addresses
internal import Glibc

extension MonitorServer {
    /// Opens a socket that listens at a host's address; returns it with `host:port`.
    static func listen(
        _ host: String, _ port: UInt16
    ) throws(LogError) -> (listener: Int32, address: String) {
        // `*` stands for IPv4 and IPv6; machines without the latter have IPv4 alone.
        guard host == "*" else { return try listen(at: host, port, isWildcard: false) }
        do throws(LogError) {
            return try listen(at: "::", port, isWildcard: true)
        } catch {
            return try listen(at: "0.0.0.0", port, isWildcard: true)
        }
    }

    private static func listen(
        at host: String, _ port: UInt16, isWildcard: Bool
    ) throws(LogError) -> (listener: Int32, address: String) {
        let name = host.inBrackets
        let place = "--monitor \(name):\(port)"
        let found: [ResolvedAddress]
        do throws(AddressError) {
            found = try ResolvedAddress.of(host, port: port, isListening: true)
        } catch {
            throw LogError(description: "\(place): \(error.description)")
        }
        let type =
            Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
            | Int32(SOCK_NONBLOCK.rawValue)
        let listener = socket(found[0].isIPv6 ? AF_INET6 : AF_INET, type, 0)
        guard listener >= 0 else { throw LogError.system(place, "cannot be opened", errno) }
        set(listener, SOL_SOCKET, SO_REUSEADDR, 1)
        if isWildcard, found[0].isIPv6 {
            set(listener, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 0)
        }
        let bound = unsafe found[0].withSocketAddress { unsafe Glibc.bind(listener, $0, $1) }
        guard bound == 0, Glibc.listen(listener, 16) == 0 else {
            let code = errno
            Glibc.close(listener)
            throw LogError.system(place, "cannot be listened at", code)
        }
        return (listener, "\(name):\(self.port(of: listener))")
    }

    // SO_REUSEADDR: a restarted run must get its port back while old connections are in TIME_WAIT.
    private static func set(_ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        _ = unsafe setsockopt(
            descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    private static func port(of descriptor: Int32) -> UInt16 {
        var address = sockaddr_in6()
        var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
        _ = unsafe withUnsafeMutablePointer(to: &address) { address in
            unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getsockname(descriptor, $0, &length)
            }
        }
        // The port is at the same place in addresses of both kinds.
        return UInt16(bigEndian: address.sin6_port)
    }
}
