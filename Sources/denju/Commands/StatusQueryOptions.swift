import ArgumentParser
import Cluster
import Reporting
import Telemetry
import ZeroMQ

/// How a running coordinator is asked.
struct StatusQueryOptions: ParsableArguments {
    @Option(
        name: .long, help: "A secret key file that the coordinator allows, of `denju keys`.",
        completion: .file())
    var key: String?

    @Option(name: .long, help: "The coordinator's public key file.", completion: .file())
    var server: String?

    @Option(name: .long, help: "Seconds to wait for an answer.")
    var patience = 5.0

    /// How the run of a coordinator is.
    ///
    /// - Parameter traced: whether what everybody did in the last steps is wanted as well.
    func ask(_ place: String, traced: Bool = false) throws -> RunStatus {
        guard patience > 0, patience <= 3600 else {
            throw UserError("--patience is \(patience): give seconds, up to 3600.")
        }
        guard let endpoint = try CoordinatorAddress(place).current() else {
            throw UserError("\(place) is not there: the coordinator has not begun, or is done.")
        }
        return try StatusClient.ask(
            endpoint, security: Security(key: key, server: server, of: "somebody"),
            traced: traced, patience: .seconds(patience))
    }
}
