import Foundation

/// Hosts of a network of their own: a coordinator's in the middle, the others each on a cable to it,
/// all of them namespaces of this machine that nothing outside can reach.
///
/// Everything is taken down when the test lets go of it.
final class Network {
    /// How a cable is.
    struct Cable {
        var rate = "1gbit"
        /// As netem takes them, which not every kernel has; nil: none.
        var delay: String?
        var loss = "0%"
    }

    /// What the machine does not allow, in a sentence; nil if networks can be made.
    static let obstacle = obstacle(to: Cable())
    /// The same, of cables with delay and loss.
    static let obstacleToDelay = obstacle(to: Cable(delay: "1ms", loss: "1%"))

    private static func obstacle(to cable: Cable) -> String? {
        do {
            _ = try Network(cables: [cable])
            return nil
        } catch {
            let reason = "such a network cannot be made here: \(error)"
            print("Skipped: \(reason)")
            return reason
        }
    }

    private let name = "denju-" + UUID().uuidString.prefix(8).lowercased()
    private var hosts: [String] = []

    /// The namespace of the host in the middle.
    var middle: String { "\(name)-0" }
    /// The namespace of the host at the end of a cable, from 1.
    func end(_ cable: Int) -> String { "\(name)-\(cable)" }
    /// The middle's address on a cable, from 1.
    func address(_ cable: Int) -> String { "10.77.\(cable).1" }

    init(cables: [Cable]) throws {
        try addHost(middle)
        for (place, cable) in cables.enumerated() {
            let number = place + 1
            try addHost(end(number))
            try Self.ip(
                "link", "add", "cable\(number)", "netns", middle, "type", "veth", "peer", "name",
                "cable0", "netns", end(number))
            for (host, device, address) in [
                (middle, "cable\(number)", "10.77.\(number).1/24"),
                (end(number), "cable0", "10.77.\(number).2/24"),
            ] {
                try Self.ip("-n", host, "address", "add", address, "dev", device)
                try Self.ip("-n", host, "link", "set", device, "up")
                try Self.tc(
                    "-n", host, "qdisc", "add", "dev", device, "root", "handle", "1:", "tbf",
                    "rate", cable.rate, "burst", "32kb", "latency", "400ms")
                guard let delay = cable.delay else { continue }
                try Self.tc(
                    "-n", host, "qdisc", "add", "dev", device, "parent", "1:", "handle", "2:",
                    "netem", "delay", delay, "loss", cable.loss)
            }
        }
    }

    deinit { for host in hosts { _ = try? Self.ip("netns", "delete", host) } }

    private func addHost(_ host: String) throws {
        try Self.ip("netns", "add", host)
        hosts.append(host)
        try Self.ip("-n", host, "link", "set", "lo", "up")
    }

    /// Pulls a cable out, or plugs it in again.
    func plug(_ cable: Int, _ isIn: Bool) throws {
        try Self.ip("-n", middle, "link", "set", "cable\(cable)", isIn ? "up" : "down")
    }

    private static func ip(_ arguments: String...) throws { try run("ip", arguments) }
    private static func tc(_ arguments: String...) throws { try run("tc", arguments) }

    /// The path of a program of the system's administrator, if there is one.
    static func program(_ name: String) -> String? {
        ["/usr/sbin/", "/sbin/", "/usr/bin/", "/bin/"].map { $0 + name }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    private static func run(_ name: String, _ arguments: [String]) throws {
        guard let path = program(name) else { throw Impatience("there is no program '\(name)'") }
        let process = Process()
        let errors = Pipe()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = errors
        try process.run()
        // A few hundred bytes, which the pipes hold.
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            let said = String(decoding: errors.fileHandleForReading.availableData, as: UTF8.self)
            throw Impatience(
                "\(name) \(arguments.joined(separator: " ")): "
                    + said.trimmingCharacters(in: .whitespacesAndNewlines))
        }
    }
}
