import Foundation

/// A network of namespaces of this machine: a hub for the coordinator and hosts connected to it by
/// cables, isolated from other networks.
///
/// Deinitialisation removes all namespaces.
final class Network {
    /// The properties of a cable.
    struct Cable {
        var rate = "1gbit"
        /// Delay and loss in the notation of netem, which not every kernel supports; nil for none.
        var delay: String?
        var loss = "0%"
    }

    /// The reason for which networks cannot be created on this machine; nil if they can.
    static let obstacle = obstacle(to: Cable())
    /// The reason for which cables with delay and loss cannot be created; nil if they can.
    static let obstacleToDelay = obstacle(to: Cable(delay: "1ms", loss: "1%"))

    /// The reason for which a script cannot have users and hosts of its own; nil if it can.
    static let obstacleToNamespaces: String? = {
        let outcome = try? Denju.script("unshare -rm true", in: Folder())
        guard outcome?.status != 0 else { return nil }
        let reason = "this machine allows no namespaces: \(outcome?.errors ?? "")"
        print("Skipped: \(reason)")
        return reason
    }()

    private static func obstacle(to cable: Cable) -> String? {
        do {
            _ = try Network(cables: [cable])
            return nil
        } catch {
            let reason = "networks cannot be created on this machine: \(error)"
            print("Skipped: \(reason)")
            return reason
        }
    }

    private let name = "denju-" + UUID().uuidString.prefix(8).lowercased()
    private var hosts: [String] = []

    /// The namespace of the hub.
    var hub: String { "\(name)-0" }
    /// The namespace of the host at the end of a cable, numbered from 1.
    func end(_ cable: Int) -> String { "\(name)-\(cable)" }
    /// The hub's address on a cable, numbered from 1.
    func address(_ cable: Int) -> String { "10.77.\(cable).1" }

    init(cables: [Cable]) throws {
        try addHost(hub)
        for (place, cable) in cables.enumerated() {
            let number = place + 1
            try addHost(end(number))
            try Self.ip(
                "link", "add", "cable\(number)", "netns", hub, "type", "veth", "peer", "name",
                "cable0", "netns", end(number))
            for (host, device, address) in [
                (hub, "cable\(number)", "10.77.\(number).1/24"),
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

    /// Connects or disconnects a cable.
    func setCable(_ cable: Int, connected: Bool) throws {
        try Self.ip("-n", hub, "link", "set", "cable\(cable)", connected ? "up" : "down")
    }

    private static func ip(_ arguments: String...) throws { try run("ip", arguments) }
    private static func tc(_ arguments: String...) throws { try run("tc", arguments) }

    /// The path of a system administration program; nil if it is not installed.
    static func program(_ name: String) -> String? {
        ["/usr/sbin/", "/sbin/", "/usr/bin/", "/bin/"].map { $0 + name }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    private static func run(_ name: String, _ arguments: [String]) throws {
        guard let path = program(name) else { throw TestError("there is no program '\(name)'") }
        let process = Process()
        let errors = Pipe()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = errors
        try process.run()
        // The output is a few hundred bytes, which fit into the pipe.
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            let message = String(decoding: errors.fileHandleForReading.availableData, as: UTF8.self)
            throw TestError(
                "\(name) \(arguments.joined(separator: " ")): "
                    + message.trimmingCharacters(in: .whitespacesAndNewlines))
        }
    }
}
