import Testing

/// Invalid recipes and arguments, which are rejected with one sentence before a run starts.
@Suite struct RecipeMistakeTests {
    private let fixture: SharedFixture
    private let folder: Folder

    init() throws {
        fixture = try SharedFixture.open()
        folder = try Folder()
    }

    /// A change to a recipe, and the expected parts of the error.
    struct Mistake: CustomTestStringConvertible, Sendable {
        var name: String
        var from: String
        var to: String
        var parts: [String]
        var testDescription: String { name }
    }

    static let mistakes = [
        Mistake(
            name: "misspelt key", from: "batch: 5", to: "bacth: 5",
            parts: ["recipe.yaml, line ", "'bacth'", "did you mean 'batch'?"]),
        Mistake(
            name: "impossible number", from: "grid: 0.4", to: "grid: -1",
            parts: ["recipe.yaml, line ", "grid is -1"]),
        Mistake(
            name: "text for a number", from: "batch: 5", to: "batch: five",
            parts: ["recipe.yaml, line ", "batch must be a whole number"]),
        Mistake(
            name: "not YAML", from: "batch: 5", to: "batch: [5",
            parts: ["recipe.yaml, line ", "this is not YAML", "did not find"]),
        Mistake(
            name: "unknown objective", from: "task.cross-entropy", to: "task.cross-entropie",
            parts: ["recipe.yaml, line ", "'task.cross-entropie'", "task.cross-entropy"]),
        Mistake(
            name: "unknown setting of an objective", from: "- task.cross-entropy",
            to: "- task.cross-entropy: {wieght: 1}",
            parts: [
                "recipe.yaml, line ", "objectives[0].task.cross-entropy has no setting 'wieght'",
                "did you mean 'weight'?",
            ]),
        Mistake(
            name: "impossible setting of an objective", from: "- task.cross-entropy",
            to: "- task.cross-entropy: {weight: -1}", parts: ["recipe.yaml, line ", "weight"]),
        Mistake(
            name: "objective without its teacher", from: "- task.cross-entropy",
            to: "- semantic.soft-targets", parts: ["recipe.yaml", "teacher"]),
        Mistake(
            name: "unknown network setting", from: "dec_depths", to: "dec_dephts",
            parts: ["recipe.yaml, line ", "'dec_dephts'"]),
        Mistake(
            name: "unknown preset", from: "stride: [2]", to: "preset: huge",
            parts: ["recipe.yaml, line ", "'huge'", "student-small"]),
        Mistake(
            name: "impossible network", from: "enc_num_head: [1, 2]", to: "enc_num_head: [1, 3]",
            parts: ["recipe.yaml, line ", "enc_num_head"]),
        Mistake(
            name: "classes that are not the data's", from: "stride: [2]",
            to: "stride: [2]\n  num_classes: 5",
            parts: ["recipe.yaml, line ", "student.num_classes is 5", "19"]),
        Mistake(
            name: "unknown source", from: "source: semantickitti", to: "source: semantickity",
            parts: ["semantickity", "semantickitti"]),
        Mistake(
            name: "unknown feature", from: "[position, intensity]", to: "[position, colour]",
            parts: ["colour", "intensity"]),
        Mistake(
            name: "unknown class to exclude", from: "batch: 5",
            to: "batch: 5\nvalidation: {exclude: [tram]}",
            parts: ["recipe.yaml", "validation.exclude", "'tram'", "car"]),
        Mistake(
            name: "folder that is not there", from: "sequences: {training: [\"00\"]",
            to: "sequences: {training: [\"03\"]", parts: ["sequences/03"]),
        Mistake(
            name: "teacher that is not there", from: "# no teacher",
            to: "teacher: {model: nowhere}", parts: ["nowhere", "model"]),
        Mistake(
            name: "misspelt key of the teacher", from: "# no teacher",
            to: "teacher: {modle: nowhere}", parts: ["recipe.yaml, line ", "model"]),
    ]

    @Test(arguments: mistakes)
    func invalidRecipesAreRejected(mistake: Mistake) throws {
        let recipe = fixture.alone(steps: 2).yaml
        try #require(recipe.contains(mistake.from))
        try folder.write(
            recipe.replacing(mistake.from, with: mistake.to, maxReplacements: 1),
            to: "recipe.yaml")
        let outcome = try Denju.run(
            ["train", "--recipe", "recipe.yaml", "--run", "run", "--workers", "1"], in: folder)
        expectOneSentence(outcome, saying: mistake.parts)
        #expect(try folder.names() == ["recipe.yaml"], "no file is left behind")
    }

    @Test func teacherWithOtherClassesIsRejected() throws {
        var recipe = fixture.distillation
        recipe.data = TinyRecipe.streets
        try folder.write(recipe.yaml, to: "recipe.yaml")
        let outcome = try Denju.run(
            ["train", "--recipe", "recipe.yaml", "--run", "run", "--workers", "1"], in: folder)
        expectOneSentence(
            outcome,
            saying: [fixture.folder("teacher"), "does not know", "does not fit the data"])
        #expect(try folder.names() == ["recipe.yaml"])
    }

    @Test(
        arguments: [
            (["train", "--run", "run"], ["--recipe", "denju train --help"]),
            (["trian"], ["trian", "denju --help"]),
            (["train", "--recipe", "nowhere.yaml", "--run", "run"], ["nowhere.yaml", "path"]),
            (["train", "--recipe", "r", "--run", "run", "--worker", "2"], ["--worker"]),
            (["train", "--recipe", "r", "--run", "run", "--steps", "x"], ["--steps", "'x'"]),
            (
                ["train", "--recipe", "r", "--run", "run", "--workers", "0"],
                ["--workers 0", "256"]
            ),
            (["evaluate", "x", "--threads", "0"], ["--threads is 0", "1024"]),
            (["scenes", "streets", "--output", "/proc/x"], ["/proc/x", "cannot be"]),
            (["worker", "--connect", "here"], ["here", "tcp://"]),
            (["worker", "--connect", "tcp://127.0.0.1:1", "--key", "a.key"], ["--server"]),
            (["worker", "--connect", "tcp://127.0.0.1:1", "--threads", "0"], ["--threads is 0"]),
            (["evaluate", "nowhere"], ["nowhere"]),
            (["predict", "nowhere", "--output", "out"], ["nowhere"]),
            (["inspect", "nowhere"], ["nowhere"]),
            (["verify", "nowhere"], ["nowhere"]),
            (["verify", "."], ["holds no checkpoint"]),
            (["scenes", "alleys"], ["alleys", "streets"]),
            (["scenes", "streets", "--count", "0"], ["--count is 0"]),
            (["scenes", "streets", "--option", "beams"], ["beams", "name=number"]),
            (["scenes", "streets", "--option", "beems=2"], ["beems", "beams"]),
            (["objectives", "task.luck"], ["task.luck", "task.lovasz"]),
        ])
    func invalidArgumentsAreRejected(arguments: [String], parts: [String]) throws {
        expectOneSentence(try Denju.run(arguments, in: folder), saying: parts)
        #expect(try folder.names() == [])
    }

    @Test func helpContainsExample() throws {
        let commands = [
            "train", "coordinator", "worker", "evaluate", "predict", "import", "export", "profile",
            "inspect", "verify", "scenes",
            "objectives", "keys", "doctor",
        ]
        let overview = try Denju.run(["--help"], in: folder)
        #expect(overview.status == 0)
        #expect(overview.output.contains("denju train --recipe"))
        for command in commands {
            #expect(overview.output.contains("  \(command) "), "\(command)")
            let help = try Denju.run([command, "--help"], in: folder)
            #expect(help.status == 0)
            #expect(help.output.contains("Example"), "\(command)")
            #expect(help.output.contains("denju \(command)"), "\(command)")
        }
    }
}
