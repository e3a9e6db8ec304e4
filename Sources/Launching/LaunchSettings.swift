import Addresses
import Foundation
import Telemetry
import ZeroMQ

/// The settings of `denju coordinator`, `denju worker` and `denju relay`, completed from the
/// environment.
///
/// Sources in order of precedence:
///
/// 1. the command line;
/// 2. `DENJU_` with the option's name: `DENJU_MINIMUM_WORKERS` sets `--minimum-workers`;
/// 3. the variables that launchers set: `MASTER_ADDR`, `MASTER_PORT` and `RANK`, then those of
///    Slurm, Open MPI and Kubernetes;
/// 4. the default.
///
/// Values from the environment are appended to the command line before it is parsed, so that one
/// parser validates both. An empty variable counts as unset. Flags are read from the command line
/// only.
package struct LaunchSettings: Sendable {
    /// The completed command line.
    package let arguments: [String]
    /// The source of each setting, by the option's name.
    private let sources: [String: String]

    /// The paragraph of `--help` that explains the environment.
    package static let help = """
        Options that are not on the command line are read from DENJU_ and the option's name \
        (DENJU_THREADS); then the address from MASTER_ADDR and MASTER_PORT,
        """

    /// Completes a command line (without the program's name) from an environment.
    ///
    /// - Parameter commands: the commands that read settings from the environment, by name.
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
        // `denju train` passes every setting to its workers; variables of the environment, such as
        // RANK, would give all of them the same name.
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
        // Launchers set their variables for coordinators and workers. For a relay only the
        // coordinator's address applies.
        if command.isRelay, option != "connect" { return nil }
        func first(_ names: String..., prefix: String = "") -> Offer? {
            names.lazy.compactMap { name in environment[name].map { (prefix + $0, name) } }.first
        }
        switch option {
        case "connect", "bind":
            guard let host = environment["MASTER_ADDR"], let port = environment["MASTER_PORT"]
            else { return nil }
            // The coordinator listens on every interface: MASTER_ADDR may be a name that resolves
            // to another interface than the one the workers use, or to an IPv6 address.
            var interface = "*"
            if Endpoint.isLoopback(host.withoutBrackets) {
                interface = host.contains(":") ? host.inBrackets : "127.0.0.1"
            }
            let address = option == "bind" ? interface : host.inBrackets
            return ("tcp://\(address):\(port)", "MASTER_ADDR, MASTER_PORT")
        case "advertise": return first("MASTER_ADDR", "SLURMD_NODENAME")
        case "name":
            // SLURM_ARRAY_TASK_ID comes first: every task of an array has SLURM_PROCID 0.
            return first(
                "RANK", "SLURM_ARRAY_TASK_ID", "SLURM_PROCID", "OMPI_COMM_WORLD_RANK",
                "JOB_COMPLETION_INDEX", prefix: "worker-")
        case "threads": return first("SLURM_CPUS_PER_TASK")
        default: return nil
        }
    }

    /// A sentence that names options, followed by the variables that set them.
    package func attributing(_ sentence: String) -> String {
        let origins = sources.sorted { $0.key < $1.key }.filter { option, source in
            source != "command line"
                && sentence.split { $0 == " " || $0 == "'" || $0 == ":" }.contains("--\(option)")
        }
        guard !origins.isEmpty else { return sentence }
        let words = origins.map { "--\($0.key) is from \($0.value)" }.joined(separator: ", ")
        return "\(sentence) (\(words))"
    }

    /// Every setting of a command with its value and its source.
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

/// A command that reads settings from the environment.
package struct LaunchedCommand: Sendable {
    /// The names of its options, without dashes.
    package let options: [String]
    /// Whether the command is a relay, for which launchers set only the coordinator's address.
    package let isRelay: Bool

    package init(options: [String], isRelay: Bool = false) {
        self.options = options
        self.isRelay = isRelay
    }
}

/// An option that launchers may set, with its value after parsing.
package struct LaunchSetting<Command>: Sendable {
    /// The option's name, without dashes.
    package let option: String
    package let value: @Sendable (Command) -> String?

    package init(_ option: String, _ value: @escaping @Sendable (Command) -> String?) {
        self.option = option
        self.value = value
    }
}

extension String {
    /// Whether this argument is the option, alone or with a value after `=`.
    fileprivate func names(_ option: String) -> Bool {
        self == "--\(option)" || hasPrefix("--\(option)=")
    }
}
