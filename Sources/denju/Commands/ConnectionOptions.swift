import ArgumentParser
import Cluster
import Datasets
import Foundation
import Reporting
import Telemetry
import ZeroMQ

/// What `worker` and `relay` have in common: how a coordinator is called.
struct ConnectionOptions: ParsableArguments {
    @Option(
        name: .long, help: "Where the coordinator listens: tcp://host:port, or file:RUN/address.")
    var connect: String

    @Option(
        name: .long, help: "The secret key file of this process, of `denju keys`.",
        completion: .file())
    var key: String?

    @Option(name: .long, help: "The coordinator's public key file.", completion: .file())
    var server: String?

    @Option(name: .long, help: "Where fetched teachers and scans are kept.", completion: .directory)
    var cache = ConnectionOptions.standardCache

    @Option(name: .long, help: "How much of scans is kept there.")
    var cacheLimit = "20 GB"

    @Option(name: .long, help: "Seconds a coordinator may be away before it is given up.")
    var patience = 120.0

    @Option(
        name: .long,
        help:
            "A file that is written anew as long as the coordinator is heard or called, for probes.",
        completion: .file())
    var pulse: String?

    static var standardCache: String {
        let environment = ProcessInfo.processInfo.environment
        let base = environment["XDG_CACHE_HOME"] ?? (environment["HOME"].map { $0 + "/.cache" })
        return (base ?? "/tmp") + "/denju"
    }

    /// What calls a coordinator.
    ///
    /// - Parameters:
    ///   - role: what it calls itself when it says something.
    ///   - security: its keys, read anew each time it calls; nil for none.
    func settings(
        of role: String, name: String, security: (@Sendable () throws -> Security)?,
        stop: StopRequest, _ manager: ServiceManager
    ) throws -> WorkerSettings {
        let address = try CoordinatorAddress(connect)
        guard let limit = ByteCount(cacheLimit) else {
            throw UserError(
                "--cache-limit is '\(cacheLimit)', which is no number of bytes: write 20 GB or "
                    + "512 MB.")
        }
        let beat = { @Sendable [pulse] in
            manager.tell(.watchdog)
            if let pulse { try? "\n".write(toFile: pulse, atomically: false, encoding: .utf8) }
        }
        // What is wrong with keys is said before anything begins.
        var settings = WorkerSettings(
            address: address, security: try security?() ?? .none, name: name, cache: cache,
            cacheLimit: limit.bytes, patience: .seconds(patience), stop: stop, pulse: beat
        ) { line in
            printMessage("\(role) \(line)")
            manager.tell(.status(line))
        }
        settings.keysAnew = security
        return settings
    }

    /// What `--key` and `--server` say, which go together; nil if neither is given.
    func keys(of owner: String) -> (@Sendable () throws -> Security)? {
        guard key != nil || server != nil else { return nil }
        return { [key, server] in try Security(key: key, server: server, of: owner) }
    }
}

extension Security {
    /// What `--key` and `--server` say, which go together.
    ///
    /// - Parameter owner: whose secret key it is, in a sentence.
    init(key: String?, server: String?, of owner: String) throws {
        switch (key, server) {
        case (let key?, let server?):
            self = .curveClient(
                try CurveKeyPair(secretKeyFile: key), server: try CurvePublicKey(file: server))
        case (nil, nil): self = .none
        default:
            throw UserError(
                "--key and --server go together: \(owner)'s secret key, and the coordinator's "
                    + "public key.")
        }
    }
}
