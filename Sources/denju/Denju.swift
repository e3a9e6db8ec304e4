import ArgumentParser
import Cluster

@main
struct Denju: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "denju",
        abstract: "Distils large point-cloud segmentation networks into small ones, on CPUs.",
        discussion: """
            Begin with a recipe and `denju train`; `denju coordinator` and `denju worker` are the \
            same thing on several machines.
            """,
        version: Version.current,
        subcommands: [
            Train.self, Coordinate.self, Work.self, Evaluate.self, Predict.self, Inspect.self,
            Verify.self, Scenes.self, Objectives.self, Keys.self, Doctor.self,
        ])
}
