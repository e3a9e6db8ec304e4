import ArgumentParser
import Foundation
import Launching
import Reporting

/// A command whose settings a launcher may supply through the environment.
protocol ConfigurableCommand: ParsableCommand {
    /// The settings that the environment may supply.
    static var settings: [LaunchSetting<Self>] { get }
    /// Whether the settings are printed instead.
    var config: ConfigOptions { get }
    /// The command's work.
    func execute() throws
}

/// The flag that prints a command's settings.
struct ConfigOptions: ParsableArguments {
    @Flag(name: .long, help: "Print every setting with its source, and end.")
    var printConfig = false
}

extension ConfigurableCommand {
    func run() throws {
        // Before validation, so that the table shows the source of a value that would be rejected.
        if config.printConfig {
            print(LaunchSettings.ofThisProcess.table(of: self, Self.settings), terminator: "")
            return
        }
        try reporting { try execute() }
    }
}

extension LaunchSettings {
    /// This process's settings.
    static let ofThisProcess = LaunchSettings(
        Array(CommandLine.arguments.dropFirst()),
        environment: ProcessInfo.processInfo.environment,
        commands: [
            "coordinator": .init(options: CoordinatorCommand.settings.map(\.option)),
            "worker": .init(options: WorkerCommand.settings.map(\.option)),
            "relay": .init(options: RelayCommand.settings.map(\.option), isRelay: true),
        ])
}

extension ParsableCommand {
    /// Runs a command's work; an error becomes one sentence on standard error and exit status 2.
    func reporting(_ work: () throws -> Void) throws {
        try reportingErrors(attributing: LaunchSettings.ofThisProcess.attributing, work)
    }
}
