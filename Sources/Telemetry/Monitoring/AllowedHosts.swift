internal import Addresses
internal import Glibc

/// The hosts that a monitor answers for, by the Host header of a request.
///
/// A web page can have its own name resolve to this machine's address and read the answers of a
/// server that does not compare the name (DNS rebinding). Literal addresses cannot be rebound, nor can
/// names that no public registry issues: names without dots and those below `.internal`, `.local`,
/// `.localhost` and `.svc`. Of other names, only this machine's and the one it listens at are allowed.
struct AllowedHosts: Sendable {
    private let names: Set<String>

    private static let reserved = ["internal", "local", "localhost", "svc"]

    /// The hosts of a server that listens at one.
    init(listeningAt host: String) {
        var own = [CChar](repeating: 0, count: 256)
        _ = unsafe gethostname(&own, own.count - 1)
        let name = String(
            decoding: own.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        names = [host.lowercased(), name.lowercased()]
    }

    /// Whether a Host header, with or without a port, names an allowed host.
    func allow(_ header: String) -> Bool {
        var host = header.filter { $0 != " " && $0 != "\t" }.lowercased()
        if host.hasPrefix("[") {
            guard let end = host.firstIndex(of: "]") else { return false }
            return HostAddress(String(host[host.index(after: host.startIndex)..<end])) != nil
        }
        if let colon = host.firstIndex(of: ":") { host = String(host[..<colon]) }
        if host.hasSuffix(".") { host.removeLast() }
        if HostAddress(host) != nil || names.contains(host) { return true }
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        return labels.count == 1 || Self.reserved.contains(String(labels[labels.count - 1]))
    }
}
