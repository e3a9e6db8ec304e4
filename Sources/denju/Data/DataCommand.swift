import ArgumentParser

/// What one does with data before training on them.
struct DataCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "data",
        abstract: "Checks data sets and proposes how to divide them.",
        subcommands: [DataCheck.self, DataSplit.self])
}
