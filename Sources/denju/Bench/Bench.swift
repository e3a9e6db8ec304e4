import ArgumentParser

/// Measurements of this machine and this build.
struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Times a distillation step and what it is made of, on this machine.",
        subcommands: [
            BenchStep.self, BenchPredict.self, BenchKernels.self, BenchScale.self, BenchGrowth.self,
            BenchObjectives.self, BenchLoad.self, BenchLoadWorkers.self, BenchFuzz.self,
            BenchRecovery.self, BenchCheckpoints.self,
        ])
}
