import Testing

/// The comparison of checkpoints and models by `denju diff`.
@Suite struct DiffTests {
    private let fixture: SharedFixture
    private let folder: Folder

    init() throws {
        fixture = try SharedFixture.open()
        folder = try Folder()
        try folder.write(fixture.alone(steps: 4).yaml, to: "recipe.yaml")
        try folder.train("recipe.yaml", "run", "--workers", "1")
    }

    @Test func equalStepsOfTwoRunsHaveNoDifference() throws {
        try folder.train("recipe.yaml", "other", "--workers", "2")
        let outcome = try Denju.run(["diff", "run", "other"], in: folder)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.contains("recipe: the same"))
        #expect(outcome.output.hasSuffix("the same bits\n"))
    }

    @Test func differentStepsAreReportedAsDifferent() throws {
        let steps = ["2", "4"].map { "run/checkpoints/step-0000000" + $0 }
        let outcome = try Denju.run(["diff"] + steps + ["--tensors", "3"], in: folder)
        #expect(outcome.status == 1)
        #expect(outcome.output.contains("step: 2 and 4"))
        #expect(outcome.output.contains("\noptimizer: "))
        #expect(outcome.output.hasSuffix("not the same bits\n"))
        let json = try Denju.run(["diff"] + steps + ["--json"], in: folder)
        #expect(json.status == 1)
        #expect(json.output.contains(#""same":false,"same_recipe":true,"steps":[2,4]"#))
    }

    @Test func fileIsComparedWithModelOnly() throws {
        let model = "run/checkpoints/step-00000004/model-00001-of-00001.safetensors"
        let outcome = try Denju.run(["diff", "run", model], in: folder)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(!outcome.output.contains("optimizer"))
    }

    @Test func mistakesAreOneSentence() throws {
        expectOneSentence(
            try Denju.run(["diff", "run", "nowhere"], in: folder), saying: ["nowhere"])
        try folder.write("not a model", to: "note.safetensors")
        expectOneSentence(
            try Denju.run(["diff", "run", "note.safetensors"], in: folder),
            saying: ["note.safetensors"])
    }
}
