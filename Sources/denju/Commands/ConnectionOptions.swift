import ArgumentParser
import Cluster
import Datasets
import Foundation
import Launching
import Reporting
import Telemetry
import ZeroMQ

/// The options of `worker` and `relay` for their connection to a coordinator.
struct ConnectionOptions: ParsableArguments {
    @Option(
        name: .long, help: "The coordinator's address: tcp://host:port, or file:RUN/address.")
    var connect: String

    @Option(
        name: .long, help: "This process's secret key file, made by `denju keys`.",
        completion: .file())
    var key: String?

    @Option(name: .long, help: "The coordinator's public key file.", completion: .file())
    var server: String?

    @Option(name: .long, help: "The folder for fetched teachers and scans.", completion: .directory)
    var cache = ConnectionOptions.standardCache

    @Option(name: .long, help: "The maximum size of the fetched teachers and scans.")
    var cacheLimit = "20 GB"

    @Option(name: .long, help: "Seconds for which an unreachable coordinator is retried.")
    var patience = 120.0

    @Option(
        name: .long,
        help:
            "A file for liveness probes: written again while the coordinator is connected or retried.",
        completion: .file())
    var pulse: String?

    /// The default folder for fetched files.
    static var standardCache: String {
        StandardCache.path(ProcessInfo.processInfo.environment)
    }

    /// The settings of a worker's connection.
    ///
    /// - Parameters:
    ///   - role: the word before each message: `worker` or `relay`.
    ///   - security: reads the keys, again at every connection; nil for no keys.
    func settings(
        of role: String, name: String, security: (@Sendable () throws -> Security)?,
        stop: StopRequest, _ manager: ServiceManager
    ) throws -> WorkerSettings {
        try StandardCache.check(cache)
        let address = try CoordinatorAddress(connect)
        guard let limit = ByteCount(cacheLimit) else {
            throw UserError(
                "--cache-limit is '\(cacheLimit)', which is not a size: write 20 GB or 512 MB.")
        }
        // Probes check the file's age, not its content, so that no atomic replacement is needed.
        let beat = { @Sendable [pulse] in
            manager.tell(.watchdog)
            if let pulse { try? "\n".write(toFile: pulse, atomically: false, encoding: .utf8) }
        }
        // The keys are read here as well, so that a mistake is reported before the first connection.
        var settings = WorkerSettings(
            address: address, security: try security?() ?? .none, name: name, cache: cache,
            cacheLimit: limit.bytes, timeout: .seconds(patience), stop: stop, pulse: beat
        ) { line in
            printMessage("\(role) \(line)")
            manager.tell(.status(line))
        }
        settings.reloadKeys = security
        return settings
    }

    /// Reads the files of `--key` and `--server`; nil if neither is given.
    func keys(of owner: String) -> (@Sendable () throws -> Security)? {
        guard key != nil || server != nil else { return nil }
        return { [key, server] in try Security(key: key, server: server, of: owner) }
    }
}

extension Security {
    /// The keys in the files of `--key` and `--server`, which must be given together.
    ///
    /// - Parameter owner: the owner of the secret key, as an error names it.
    init(key: String?, server: String?, of owner: String) throws {
        switch (key, server) {
        case (let key?, let server?):
            self = .curveClient(
                try CurveKeyPair(secretKeyFile: key), server: try CurvePublicKey(file: server))
        case (nil, nil): self = .none
        default:
            throw UserError(
                "--key and --server are given together: \(owner)'s secret key and the coordinator's "
                    + "public key.")
        }
    }
}
