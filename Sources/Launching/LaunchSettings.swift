import Foundation
import Telemetry

/// Where the settings of `denju coordinator`, `denju worker` and `denju relay` come from.
///
/// The command line comes first, then `DENJU_` and the option's name (`--minimum-workers` is
/// `DENJU_MINIMUM_WORKERS`), then what launchers tell the processes they start: `MASTER_ADDR` with
/// `MASTER_PORT` and `RANK`, then Slurm's, Open MPI's and Kubernetes' variables; then the default.
/// What the environment sets is put into the command line's words before these are read, so that one
/// parser judges both. An empty variable is none, and flags stand on the command line alone.
package struct LaunchSettings: Sendable {
    /// The command line, completed.
    package let arguments: [String]
    /// Who set what, by the option's name.
    private let sources: [String: String]

    /// What `--help` says of it.
    package static let help = """
        What is not on the command line is taken from DENJU_ and the option's name \
        (DENJU_THREADS); then the address from MASTER_ADDR and MASTER_PORT,
        """

    /// Completes a command line (without the program's name) from an environment.
    ///
    /// - Parameters:
    ///   - commands: the commands that take settings from the environment, by name.
    package init(
        _ given: [String], environment: [String: String], commands: [String: LaunchedCommand]
    ) {
        let command = given.first.flatMap { commands[$0] }
        let options = command?.options ?? []
        var sources: [String: String] = [:]
        for option in options where given.contains(where: { $0.names(option) }) {
            sources[option] = "command line"
        }
        var arguments = given
        // Whoever manages a worker tells it everything.
        if !given.contains("--managed") {
            let environment = environment.filter { !$0.value.isEmpty }
            for option in options where sources[option] == nil {
                guard let command, let offer = Self.offer(of: option, to: command, environment)
                else {
                    continue
                }
                arguments += ["--\(option)", offer.value]
                sources[option] = offer.source
            }
        }
        self.arguments = arguments
        self.sources = sources
    }

    private typealias Offer = (value: String, source: String)

    private static func offer(
        of option: String, to command: LaunchedCommand, _ environment: [String: String]
    ) -> Offer? {
        let own = "DENJU_" + option.uppercased().replacing("-", with: "_")
        if let value = environment[own] { return (value, own) }
        // Launchers know of coordinators and workers; a relay is told where the first listens.
        if command.isRelay, option != "connect" { return nil }
        func first(_ names: String..., prefix: String = "") -> Offer? {
            names.lazy.compactMap { name in environment[name].map { (prefix + $0, name) } }.first
        }
        switch option {
        case "connect", "bind":
            guard let host = environment["MASTER_ADDR"], let port = environment["MASTER_PORT"]
            else { return nil }
            // Who listens for others does so on every interface; a name would be looked up first.
            let listensAt = host == "localhost" || host.hasPrefix("127.") ? "127.0.0.1" : "0.0.0.0"
            let name = host.contains(":") ? "[\(host)]" : host
            let address = option == "bind" ? listensAt : name
            return ("tcp://\(address):\(port)", "MASTER_ADDR, MASTER_PORT")
        case "advertise": return first("MASTER_ADDR", "SLURMD_NODENAME")
        case "name":
            // An array's tasks all have process number 0.
            return first(
                "RANK", "SLURM_ARRAY_TASK_ID", "SLURM_PROCID", "OMPI_COMM_WORLD_RANK",
                "JOB_COMPLETION_INDEX", prefix: "worker-")
        case "threads": return first("SLURM_CPUS_PER_TASK")
        default: return nil
        }
    }

    /// A sentence about an option, with the variable that set it.
    package func attributing(_ sentence: String) -> String {
        let origins = sources.sorted { $0.key < $1.key }.filter { option, source in
            source != "command line"
                && sentence.split { $0 == " " || $0 == "'" || $0 == ":" }.contains("--\(option)")
        }
        guard !origins.isEmpty else { return sentence }
        let words = origins.map { "--\($0.key) is from \($0.value)" }.joined(separator: ", ")
        return "\(sentence) (\(words))"
    }

    /// Every setting of a command, its value, and where that comes from.
    package func table<Command>(of command: Command, _ settings: [LaunchSetting<Command>]) -> String
    {
        var table = TextTable(["setting", "value", "source"])
        for setting in settings {
            let value = setting.value(command)
            table.add([
                setting.option, value ?? "-",
                sources[setting.option] ?? (value == nil ? "not set" : "default"),
            ])
        }
        return table.description
    }
}

/// A command whose settings the environment may supply.
package struct LaunchedCommand: Sendable {
    /// The names of its options, without dashes.
    package let options: [String]
    /// Whether it is a relay, of which launchers know only the coordinator's address.
    package let isRelay: Bool

    package init(options: [String], isRelay: Bool = false) {
        self.options = options
        self.isRelay = isRelay
    }
}

/// An option of a command that launchers may set, and its value once the command line is read.
package struct LaunchSetting<Command>: Sendable {
    /// Its name, without dashes.
    package let option: String
    package let value: @Sendable (Command) -> String?

    package init(_ option: String, _ value: @escaping @Sendable (Command) -> String?) {
        self.option = option
        self.value = value
    }
}

extension String {
    /// Whether this word of a command line is an option's name, or name and value.
    fileprivate func names(_ option: String) -> Bool {
        self == "--\(option)" || hasPrefix("--\(option)=")
    }
}
