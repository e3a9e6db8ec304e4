import Addresses
import Glibc

/// An endpoint in libzmq's notation, and whether libzmq must resolve it to IPv6.
///
/// libzmq resolves a name to addresses of one kind only, which ``SocketOptions`` cannot know: a name
/// with only an IPv6 address would never connect.
struct TransportAddress {
    let text: String
    let usesIPv6: Bool

    private init(_ host: String, _ port: UInt16?, usesIPv6: Bool) {
        text = Endpoint.tcp(host: host, port: port).description
        self.usesIPv6 = usesIPv6
    }

    private init(_ endpoint: Endpoint) {
        text = endpoint.description
        usesIPv6 = false
    }

    /// The address to bind.
    init(binding endpoint: Endpoint) throws(SocketError) {
        guard case .tcp(let host, let port) = endpoint else {
            self.init(endpoint)
            return
        }
        if let literal = try Self.literal(host) {
            self.init(host, port, usesIPv6: literal.isIPv6)
        } else if host == "*" {
            // Both kinds; libzmq falls back to IPv4 on machines without IPv6.
            self.init(host, port, usesIPv6: true)
        } else if unsafe if_nametoindex(host) != 0 {
            self.init(host, port, usesIPv6: !Self.hasIPv4(interface: host))
        } else {
            // libzmq resolves names only for connecting.
            let found: [ResolvedAddress]
            do throws(AddressError) {
                found = try ResolvedAddress.of(host, port: port ?? 0, isListening: true)
            } catch {
                throw SocketError(.addressNotAvailable, error.description)
            }
            let address = found.first { !$0.isIPv6 } ?? found[0]
            self.init(address.text, port, usesIPv6: address.isIPv6)
        }
    }

    /// The address to connect to: of a name with addresses of both kinds, the first that accepts
    /// connections.
    init(connecting endpoint: Endpoint) throws(SocketError) {
        guard case .tcp(let host, let port?) = endpoint else {
            self.init(endpoint)
            return
        }
        if let literal = try Self.literal(host) {
            self.init(host, port, usesIPv6: literal.isIPv6)
            return
        }
        // A name that cannot be resolved now may be later: libzmq tries again.
        let found = (try? ResolvedAddress.of(host, port: port)) ?? []
        let kinds = Set(found.map(\.isIPv6))
        guard kinds.count > 1 else {
            self.init(host, port, usesIPv6: kinds.first ?? false)
            return
        }
        // A server may listen at its IPv4 address only, although its name has both.
        let chosen = found.first { $0.accepts(within: 1000) } ?? found[0]
        self.init(chosen.text, port, usesIPv6: chosen.isIPv6)
    }

    /// The host if it is a literal address; throws if this machine lacks its interface.
    private static func literal(_ host: String) throws(SocketError) -> HostAddress? {
        guard let address = HostAddress(host) else { return nil }
        if let zone = address.zone, UInt32(zone) == nil, unsafe if_nametoindex(zone) == 0 {
            throw SocketError(
                .addressNotAvailable,
                "This machine has no network interface '\(zone)', which the address \(host) names: "
                    + "`ip link` lists them.")
        }
        return address
    }

    private static func hasIPv4(interface: String) -> Bool {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard unsafe getifaddrs(&list) == 0 else { return true }
        defer { unsafe freeifaddrs(list) }
        var next = unsafe list
        while let entry = unsafe next?.pointee {
            unsafe next = unsafe entry.ifa_next
            if unsafe String(cString: entry.ifa_name) == interface,
                let address = unsafe entry.ifa_addr,
                unsafe Int32(address.pointee.sa_family) == AF_INET
            {
                return true
            }
        }
        return false
    }
}
