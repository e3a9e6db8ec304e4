import Testing

/// The protection of a run's folder.
@Suite struct RunFolderTests {
    private let fixture: SharedFixture
    private let folder: Folder

    init() throws {
        fixture = try SharedFixture.open()
        folder = try Folder()
        try folder.write(fixture.alone(steps: 4).yaml, to: "recipe.yaml")
    }

    private func train(_ more: String...) throws -> Command.Outcome {
        try Denju.run(
            ["train", "--recipe", "recipe.yaml", "--run", "run", "--workers", "1"] + more,
            in: folder)
    }

    @Test func existingRunIsNotOverwritten() throws {
        try folder.train("recipe.yaml", "run", "--workers", "1", "--stop-after", "1")
        let digest = try folder.digest(of: "run")
        expectOneSentence(try train(), saying: ["run already holds a run", "--resume"])
        #expect(try folder.digest(of: "run") == digest)
    }

    @Test func resumingWithAnotherRecipeIsRejected() throws {
        try folder.train("recipe.yaml", "run", "--workers", "1", "--stop-after", "1")
        let digest = try folder.digest(of: "run")
        let changed = fixture.alone(steps: 4).yaml.replacing("grid: 0.4", with: "grid: 0.5")
        try folder.write(changed, to: "recipe.yaml")
        expectOneSentence(
            try train("--resume"), saying: ["recipe differs", "grid: 0.5", "--allow-recipe-change"])
        #expect(try folder.digest(of: "run") == digest)
        #expect(!(try folder.text("run/recipe.yaml").contains("grid: 0.5")))
        #expect(try train("--resume", "--allow-recipe-change").status == 0)
    }

    @Test(
        arguments: [
            (["--stop-after", "0"], ["--stop-after is 0"]),
            (["--heartbeat-timeout", "0"], ["--heartbeat-timeout is 0"]),
            (["--steps", "0"], ["--steps is 0"]),
            (["--run", "/proc/x"], ["/proc/x", "cannot be made"]),
        ])
    func invalidRunOptionsAreRejected(arguments: [String], parts: [String]) throws {
        let run = arguments.contains("--run") ? [] : ["--run", "run"]
        expectOneSentence(
            try Denju.run(
                ["train", "--recipe", "recipe.yaml", "--workers", "1"] + run + arguments,
                in: folder), saying: parts)
        #expect(try folder.names() == ["recipe.yaml"])
    }

    @Test func runFolderHasOneCoordinator() throws {
        let cluster = try Cluster(in: folder)
        expectOneSentence(try train(), saying: ["run", "another coordinator"])
        expectOneSentence(try train("--resume"), saying: ["run", "another coordinator"])
        cluster.coordinator.kill(2)
        #expect(try cluster.outcome().status == 75)
    }

    @Test func completeRunIsNotContinued() throws {
        try folder.train("recipe.yaml", "run", "--workers", "1")
        let digest = try folder.digest(of: "run")
        let again = try train("--resume")
        #expect(again.status == 0)
        #expect(again.errors.contains("all 4 steps were done already"))
        #expect(try folder.digest(of: "run") == digest)
    }
}

/// A run without workers.
@Suite struct MissingWorkersTests {
    @Test func coordinatorReportsMissingWorkers() throws {
        let folder = try Folder()
        try folder.write(try SharedFixture.open().alone(steps: 4).yaml, to: "recipe.yaml")
        let outcome = try Denju.run(
            [
                "coordinator", "--recipe", "recipe.yaml", "--run", "run", "--minimum-workers", "2",
                "--patience", "1",
            ], in: folder)
        expectLastSentence(outcome, saying: ["No worker came to tcp://127.0.0.1:", "2 more"])
        #expect(!folder.has("run/checkpoints/step-00000000"))
    }
}
