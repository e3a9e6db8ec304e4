import ArgumentParser

/// The commands for data sets before training.
struct DataCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "data",
        abstract: "Checks data sets and proposes splits.",
        subcommands: [DataCheckCommand.self, DataSplitCommand.self])
}
