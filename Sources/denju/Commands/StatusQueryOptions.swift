import ArgumentParser
import Cluster
import Reporting
import Telemetry
import ZeroMQ

/// The options of a status request to a running coordinator.
struct StatusQueryOptions: ParsableArguments {
    @Option(
        name: .long,
        help: "A secret key file, made by `denju keys`, whose public key the coordinator allows.",
        completion: .file())
    var key: String?

    @Option(name: .long, help: "The coordinator's public key file.", completion: .file())
    var server: String?

    @Option(name: .long, help: "Seconds to wait for the response.")
    var patience = 5.0

    /// Requests the status of a coordinator's run.
    ///
    /// - Parameters:
    ///   - place: the coordinator's address, or `file:` with the file that holds it.
    ///   - traced: whether to request the trace of the last steps as well.
    func status(at place: String, traced: Bool = false) throws -> RunStatus {
        guard patience > 0, patience <= 3600 else {
            throw UserError("--patience is \(patience): give more than 0 and up to 3600 seconds.")
        }
        guard let endpoint = try CoordinatorAddress(place).current() else {
            throw UserError(
                "\(place) does not exist: the coordinator has not started or has ended.")
        }
        return try StatusClient.ask(
            endpoint, security: Security(key: key, server: server, of: "the caller"),
            traced: traced, timeout: .seconds(patience))
    }
}
