import Glibc

/// A literal IPv4 or IPv6 address, the latter with the zone (interface) of a link-local address.
package struct HostAddress: Hashable, Sendable {
    /// The 4 or 16 bytes.
    package let bytes: [UInt8]
    /// The interface of a link-local address, by name or number; nil without one.
    package let zone: String?

    /// The longest name of an interface in Linux (IFNAMSIZ without its zero).
    private static let longestZone = 15

    /// Reads an address without brackets, such as `10.0.0.1`, `::1` or `fe80::1%eth0`; nil if the text
    /// is none.
    package init?(_ text: String) {
        func bytes(_ text: Substring, _ family: Int32) -> [UInt8]? {
            var bytes = [UInt8](repeating: 0, count: family == AF_INET6 ? 16 : 4)
            return unsafe inet_pton(family, String(text), &bytes) == 1 ? bytes : nil
        }
        if let found = bytes(text[...], AF_INET) {
            (self.bytes, zone) = (found, nil)
            return
        }
        let parts = text.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
        guard let found = bytes(parts[0], AF_INET6) else { return nil }
        self.bytes = found
        guard parts.count > 1 else {
            zone = nil
            return
        }
        let isName = parts[1].utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte & 0xDF)
                || [UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_")].contains(byte)
        }
        guard isName, (1...Self.longestZone).contains(parts[1].utf8.count) else { return nil }
        zone = String(parts[1])
    }

    /// Whether the address is of IPv6.
    package var isIPv6: Bool { bytes.count == 16 }

    /// Whether the address is valid on one interface only (fe80::/10).
    package var isLinkLocal: Bool { isIPv6 && bytes[0] == 0xFE && bytes[1] & 0xC0 == 0x80 }

    /// Whether the address is this machine's loopback device.
    package var isLoopback: Bool {
        guard isIPv6 else { return bytes[0] == 127 }
        // IPv4 loopback addresses can also be written as IPv6 addresses (::ffff:127.0.0.1).
        let mapped = bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
        return mapped && bytes[12] == 127 || bytes == Array(repeating: 0, count: 15) + [1]
    }

    /// Whether the address stands for all interfaces.
    package var isWildcard: Bool { bytes.allSatisfy { $0 == 0 } }
}
