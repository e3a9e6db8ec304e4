import ArgumentParser
import Cluster
import Foundation

@main
struct Denju: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "denju",
        abstract: "Distils large point-cloud segmentation networks into small ones, on CPUs.",
        discussion: """
            Begin with a recipe and `denju train`; `denju coordinator` and `denju worker` are the \
            same thing on several machines.

            Example: denju train --recipe distil.yaml --run runs/a
            """,
        version: Version.current,
        subcommands: [
            Train.self, Coordinate.self, Work.self, RelayWork.self, ShowStatus.self, ShowTrace.self,
            Teach.self,
            Evaluate.self,
            Predict.self, Render.self, ReportRun.self, ImportModel.self, Export.self, Profile.self,
            Inspect.self, Verify.self, Diff.self, Scenes.self,
            DataCommand.self,
            Objectives.self, RunStudy.self, Keys.self, Doctor.self, Manual.self, Bench.self,
        ])

    /// Runs the command that the arguments name; one that cannot be read ends like any other
    /// mistake, with one sentence and status 2.
    static func main() {
        do {
            var command = try parseAsRoot(LaunchSettings.ofThisProcess.arguments)
            try command.run()
        } catch {
            guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
            let names = configuration.subcommands.map { command in
                command.configuration.commandName ?? "\(command)".lowercased()
            }
            let name = CommandLine.arguments.dropFirst().first { names.contains($0) }
            let sentence = message(for: error).split(whereSeparator: \.isNewline)
                .map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: " ")
            let end = sentence.last.map { ".?!".contains($0) } == true ? "" : "."
            let help = (["denju"] + (name.map { [$0] } ?? []) + ["--help"]).joined(separator: " ")
            let said = LaunchSettings.ofThisProcess.attributing("\(sentence)\(end)")
            complain("\(said) See '\(help)'.")
            exit(withError: ExitCode.mistake)
        }
    }
}
