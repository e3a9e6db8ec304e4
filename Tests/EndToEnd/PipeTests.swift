import Testing

/// Texts are read from pipes and from standard input.
@Suite struct PipeTests {
    private let folder: Folder

    init() throws {
        folder = try Folder()
        try Scans.write(training: 2, validation: 1, to: "scans", in: folder)
        try folder.write(
            TinyRecipe(steps: 1, data: TinyRecipe.scans(at: folder("scans"))).yaml,
            to: "recipe.yaml")
    }

    @Test("a recipe is read from a pipe and from standard input")
    func recipeIsReadFromPipe() throws {
        for (run, recipe) in [
            ("a", "<(sed s/seed:.3/seed:\\ 4/ recipe.yaml)"), ("b", "/dev/stdin"), ("c", "-"),
        ] {
            let outcome = try Denju.script(
                "cat recipe.yaml | denju train --recipe \(recipe) --run \(run) --workers 1",
                in: folder)
            #expect(outcome.status == 0, "\(recipe): \(outcome.errors)")
            #expect(try folder.text("\(run)/recipe.yaml").contains("scans"))
        }
        #expect(try folder.text("a/recipe.yaml").contains("seed: 4"))
    }

    @Test("data check and evaluate read a recipe from a pipe")
    func otherCommandsReadRecipeFromPipe() throws {
        let check = try Denju.script("denju data check <(cat recipe.yaml)", in: folder)
        #expect(check.status == 0 && check.output.contains("2 training, 1 validation"))
        try folder.train("recipe.yaml", "run", "--workers", "1")
        let evaluated = try Denju.script(
            "denju evaluate run --summary --recipe <(cat recipe.yaml)", in: folder)
        #expect(evaluated.status == 0, "\(evaluated.errors)")
    }

    @Test(
        "each reason for an unreadable recipe has its own sentence",
        arguments: [
            ("none.yaml", "There is no recipe none.yaml"), ("scans", "recipe scans is a folder"),
            ("/dev/null", "recipe /dev/null is empty"), ("latin.yaml", "latin.yaml is not UTF-8"),
        ])
    func reasonsDiffer(path: String, part: String) throws {
        try folder.write([0xE9, 0x0A], to: "latin.yaml")
        expectOneSentence(
            try Denju.run(["train", "--recipe", path, "--run", "r"], in: folder), saying: [part])
        expectOneSentence(
            try Denju.run(["evaluate", "x", "--recipe", path], in: folder), saying: ["x"])
    }
}
