import Addresses

/// An address that a socket listens on or connects to.
package enum Endpoint: Sendable, Hashable, CustomStringConvertible {
    /// A host (a name, an IPv4 address, an IPv6 address without brackets, or `*` for all
    /// interfaces with both kinds of addresses) and a port; nil binds any free port.
    case tcp(host: String, port: UInt16?)
    /// A Unix domain socket.
    case ipc(path: String)
    /// Within a ``Context``.
    case inproc(name: String)

    /// Reads `tcp://host:port`, `tcp://[ipv6]:port`, `ipc://path` or `inproc://name`.
    ///
    /// The port `*` or 0 means any free port. A link-local address includes its interface, as in
    /// `[fe80::1%eth0]`.
    package init(_ text: String) throws(SocketError) {
        func wrong(_ why: String) -> SocketError {
            SocketError(
                .invalidEndpoint,
                "\"\(text)\" is not an endpoint: \(why); write it like tcp://127.0.0.1:5555.")
        }
        guard let separator = text.firstRange(of: "://") else { throw wrong("it has no scheme") }
        let rest = String(text[separator.upperBound...])
        switch text[..<separator.lowerBound] {
        case "inproc" where !rest.isEmpty: self = .inproc(name: rest)
        case "ipc" where !rest.isEmpty: self = .ipc(path: rest)
        case "tcp":
            guard let colon = rest.lastIndex(of: ":") else { throw wrong("it has no port") }
            let name = String(rest[..<colon])
            guard let host = Self.host(name) else {
                // The last group of an address without brackets would be taken for the port.
                if HostAddress(name) != nil || HostAddress(rest) != nil {
                    throw wrong("an IPv6 address is written in brackets, as in tcp://[::1]:5555")
                }
                throw wrong("\"\(name)\" is not a host")
            }
            if let address = HostAddress(host), address.isLinkLocal, address.zone == nil {
                throw wrong(
                    "a link-local address requires its interface, as in tcp://[\(host)%eth0]:5555")
            }
            let digits = rest[rest.index(after: colon)...]
            guard digits == "*" || digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let port = digits == "*" ? 0 : UInt16(digits)
            else { throw wrong("\"\(digits)\" is not a port from 1 to 65535, nor *") }
            self = .tcp(host: host, port: port == 0 ? nil : port)
        default: throw wrong("its scheme is not tcp, ipc or inproc, or nothing follows it")
        }
    }

    private static func host(_ text: String) -> String? {
        if text.hasPrefix("["), text.hasSuffix("]") {
            let inner = String(text.dropFirst().dropLast())
            return HostAddress(inner)?.isIPv6 == true ? inner : nil
        }
        // libzmq gives other characters a meaning (a semicolon separates a source address).
        let allowed = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"),
                UInt8(ascii: "_"):
                true
            default: false
            }
        }
        return text == "*" || allowed && !text.isEmpty ? text : nil
    }

    /// The endpoint as it is written in commands and logs.
    package var description: String {
        switch self {
        case .tcp(let host, let port):
            return "tcp://\(host.inBrackets):\(port.map { "\($0)" } ?? "*")"
        case .ipc(let path): return "ipc://\(path)"
        case .inproc(let name): return "inproc://\(name)"
        }
    }

    /// Whether only this machine can reach the endpoint: an address of 127.0.0.0/8, `::1`,
    /// `localhost`, a Unix domain socket, or an endpoint within the process.
    package var isLocal: Bool {
        switch self {
        case .ipc, .inproc: true
        case .tcp(let host, _): Self.isLoopback(host)
        }
    }

    /// Whether a host is this machine's loopback device, by name or address.
    package static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || HostAddress(host)?.isLoopback == true
    }
}

extension Endpoint {
    /// Throws ``SocketError`` of kind ``SocketError/Kind/policy`` if other machines can reach the
    /// endpoint and the socket has no CURVE keys, unless `insecure`.
    package func checkBinding(security: Security, insecure: Bool) throws(SocketError) {
        guard isLocal || security.usesCurve || insecure else {
            throw SocketError(
                .policy,
                """
                \(self) can be reached from other machines, and any of them could join the run or \
                read its traffic: give CURVE keys, bind to 127.0.0.1 or [::1], or pass --insecure.
                """)
        }
    }
}
