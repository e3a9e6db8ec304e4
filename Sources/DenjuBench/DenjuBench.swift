import ArgumentParser
import Cluster
import Launching

/// Benchmarks and fault trials of this build on this machine.
// A program of its own: it depends on test kits, on which `denju` must not depend.
@main
struct DenjuBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "denju-bench",
        abstract: "Measures steps, operations and predictions on this machine, and injects faults.",
        discussion: """
            Workers and relays of a trial are processes of the program denju, which must be in the \
            same folder.

            Example: denju-bench step
            """,
        version: Version.current,
        subcommands: [
            StepCommand.self, PredictCommand.self, KernelsCommand.self, ScaleCommand.self,
            GrowthCommand.self, ObjectivesCommand.self, LoadCommand.self, LoadWorkersCommand.self,
            FuzzCommand.self, ReaderFuzzCommand.self, CommandFuzzCommand.self,
            RecoveryCommand.self, CheckpointsCommand.self,
        ])

    static func main() { runProgram(Array(CommandLine.arguments.dropFirst())) }
}

extension ParsableCommand {
    /// Runs a command's work; an error becomes one sentence on standard error and exit status 2.
    func reporting(_ work: () throws -> Void) throws {
        try reportingErrors(attributing: { $0 }, work)
    }
}
