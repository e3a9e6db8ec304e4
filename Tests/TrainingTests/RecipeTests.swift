import Datasets
import Distillation
import Files
import Networks
import PointClouds
import Settings
import Testing
import Training

@Suite struct RecipeTests {
    static let minimal = """
        data: {source: streets}
        grid: 0.1
        features: [position]
        student: {preset: tiny-student}
        objectives: [task.cross-entropy]
        steps: 10
        """

    static let complete = """
        seed: 7                      # of everything random
        data:
          source: streets
          seed: 2
          scenes: {training: 6, validation: 2, test: 1}
          options: {beams: 8, azimuth-steps: 64}
        grid: 0.25
        points: 500
        features: [position, intensity]
        views: strong
        student: {preset: tiny-student, patch_size: 64}
        teacher: {model: runs/teacher}
        objectives:
          - task.cross-entropy
          - task.lovasz: 2
          - semantic.soft-targets: {weight: 0.3, temperature: 4}
          - relation.dense: {weight: 1, ramp: 10}
          - relation.cross-sample: {temperature: 0.2}
        taps: {student: dec0, teacher: enc1}
        steps: 40
        optimiser:
          {rate: 0.01, block-rate: 0.002, weight-decay: 0.1, warm-up: 0.2, beta1: 0.8,
           beta2: 0.99, clip: 1.5}
        batch: 6
        shard: 4
        validation: {every: 10, exclude: [car]}
        checkpoints: {every: 5, keep-last: 2, keep-every: 20}
        """

    @Test func allKeysAreRead() throws {
        let recipe = try Recipe(yaml: Self.complete)
        #expect(recipe.seed == 7)
        #expect(recipe.data.source == "streets" && recipe.data.seed == 2)
        #expect(recipe.data.scenes.training == 6 && recipe.data.scenes.test == 1)
        #expect(recipe.data.options == ["beams": 8, "azimuth-steps": 64])
        #expect(recipe.grid == 0.25 && recipe.points == 500)
        #expect(recipe.features == ["position", "intensity"])
        #expect(recipe.views == .strong)
        #expect(recipe.teacher?.model == "runs/teacher")
        #expect(
            recipe.objectives.names == [
                "task.cross-entropy", "task.lovasz", "semantic.soft-targets", "relation.dense",
                "relation.cross-sample",
            ])
        #expect(recipe.objectives.terms.map(\.weight).prefix(4) == [1, 2, 0.3, 1])
        #expect("\(recipe.objectives)".contains("0.3 * SoftTargets(temperature: 4)"))
        #expect(recipe.taps == (.decoder(0), .encoder(1)))
        #expect(
            recipe.optimiser
                == OptimiserSettings(
                    rate: 0.01, blockRate: 0.002, weightDecay: 0.1, warmUp: 0.2, beta1: 0.8,
                    beta2: 0.99, clip: 1.5, steps: 40))
        #expect(recipe.batch == 6 && recipe.shard == 4 && recipe.shards == 2)
        #expect(recipe.validation.every == 10)
        #expect(recipe.validation.excluded == ["car"])
        #expect(recipe.checkpoints.every == 5 && recipe.checkpoints.keepLast == 2)
        #expect(recipe.checkpoints.keepEvery == 20)
        #expect(try recipe.studentNetwork(classes: 17, inputs: 4).classes == 17)
    }

    @Test func absentKeysHaveDefaults() throws {
        let recipe = try Recipe(yaml: Self.minimal)
        #expect(recipe.seed == 1 && recipe.points == 100_000 && recipe.teacher == nil)
        #expect(recipe.views == .weak)
        #expect(recipe.taps == (.lastDecoderStage, .lastDecoderStage))
        #expect(recipe.optimiser == OptimiserSettings(steps: 10))
        #expect(recipe.batch == 4 && recipe.shard == 1 && recipe.shards == 4)
        #expect(recipe.validation.every == nil)
        #expect(recipe.validation.usual(of: 3) == [0, 1, 2])
        #expect(recipe.validation.furtherAtEnd(of: 3) == [])
        #expect(recipe.validation.excluded == [])
        #expect(recipe.checkpoints.every == 100 && recipe.checkpoints.keepLast == 3)
        #expect(recipe.checkpoints.keepEvery == nil)
    }

    @Test func recipeWithoutObjectivesUsesTheDefaultPreset() throws {
        let silent = Self.minimal.replacing("objectives: [task.cross-entropy]\n", with: "")
        #expect(try Recipe(yaml: silent).objectives.names == ["task.cross-entropy", "task.lovasz"])
        let taught = try Recipe(yaml: silent + "\nteacher: {model: runs/teacher}").objectives
        #expect(
            taught.description
                == "CrossEntropy() + LovaszSoftmax() + SoftTargets(temperature: 2) + "
                + "(StageFeatures()).ramped(over: 60) + "
                + "(3.0 * ChannelDistribution(temperature: 2)).ramped(over: 60)")
    }

    @Test func commandLineReplacesStepsAndSeed() throws {
        let recipe = try Recipe(yaml: Self.complete, steps: 3, seed: 11)
        #expect(recipe.steps == 3 && recipe.seed == 11 && recipe.optimiser.steps == 3)
    }

    @Test func blockRateFollowsTheRate() throws {
        let recipe = try Recipe(yaml: Self.minimal + "\noptimiser: {rate: 0.02}")
        #expect(recipe.optimiser.blockRate == 0.002)
    }

    @Test(arguments: [("plain", ViewRecipe.plain), ("weak", .weak), ("strong", .strong)])
    func viewsHaveNames(name: String, views: ViewRecipe) throws {
        #expect(try Recipe(yaml: Self.minimal + "\nviews: \(name)").views == views)
    }

    @Test func fixedViewsAreCounted() throws {
        func read(_ views: String) throws -> Recipe {
            try Recipe(yaml: Self.minimal + "\nviews: \(views)")
        }
        #expect(try read("weak").fixedViews == nil)
        #expect(try read("{name: strong}").views == .strong)
        let eight = try read("{name: strong, count: 8, seed: 3}")
        #expect(eight.views == .strong && eight.fixedViews == FixedViews(count: 8, seed: 3))
        #expect(try read("{count: 2}").views == .weak)
        #expect(try read("{count: 2}").fixedViews == FixedViews(count: 2, seed: 0))
        let own = try read("{name: mine, count: 4, augmentations: [{flip: {x: 0, y: 1}}]}")
        #expect(own.views == ViewRecipe(name: "mine", [Flip(x: 0, y: 1)]))
        #expect(own.fixedViews?.count == 4)
    }

    @Test func teacherSettingsAreRead() throws {
        func read(_ teacher: String) throws -> Recipe.TeacherSettings? {
            let yaml = Self.minimal + "\nviews: {name: weak, count: 8}\nteacher: \(teacher)"
            return try Recipe(yaml: yaml).teacher
        }
        #expect(try read("{model: runs/t}") == .init(model: "runs/t"))
        #expect(try read("{model: runs/t, knowledge: live}") == .init(model: "runs/t"))
        #expect(
            try read("{model: runs/t, knowledge: auto}")
                == .init(model: "runs/t", knowledge: .auto, limit: 20_000_000_000))
        #expect(
            try read("{model: runs/t, knowledge: auto, pack: p, limit: 1.5 GB}")
                == .init(model: "runs/t", knowledge: .auto, pack: "p", limit: 1_500_000_000))
        let packed = try read("{knowledge: pack, pack: p}")
        #expect(packed == .init(model: nil, knowledge: .pack, pack: "p"))
        #expect(packed?.neededModel == nil)
        #expect(try read("{model: runs/t, knowledge: pack, pack: p}")?.neededModel == nil)
        #expect(try read("{model: runs/t, knowledge: auto}")?.neededModel == "runs/t")
    }

    @Test(arguments: [
        ("views: weak", "{model: t, knowledge: auto}", "views: {name: weak, count: 8}"),
        ("views: weak", "{knowledge: pack, pack: p}", "new views are drawn at every step"),
        ("views: {count: 2}", "{knowledge: pack}", "add pack: FOLDER"),
        ("views: {count: 2}", "{knowledge: auto}", "needs 'model'"),
        ("views: {count: 2}", "{model: t, knowledge: dead}", "'dead': give live, auto, pack"),
        ("views: {count: 2}", "{model: t, pack: p}", "teacher.pack has no effect"),
        ("views: {count: 2}", "{model: t, limit: 2 GB}", "teacher.limit has no effect"),
        ("views: {count: 2}", "{model: t, knowledge: auto, limit: lots}", "as in 20 GB"),
        ("views: {count: 2}", "{model: t, knowledge: auto, limit: 0}", "as in 20 GB"),
        ("views: {count: 2}", "{model: t, knowledge: auto, pak: p}", "did you mean 'pack'?"),
        ("views: {count: 0}", "{model: t}", "views.count is 0"),
        ("views: {seed: 2}", "{model: t}", "give views.count too"),
        ("views: {count: 2, number: 1}", "{model: t}", "no setting 'number'"),
        ("views: {name: mighty, count: 2}", "{model: t}", "views.name is 'mighty'"),
    ])
    func viewsAndTeachersThatDoNotFit(views: String, teacher: String, part: String) {
        let error = #expect(throws: RecipeError.self) {
            _ = try Recipe(
                yaml: Self.minimal + "\n\(views)\nteacher: \(teacher)", file: "r.yaml")
        }
        #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
        #expect(error?.description.hasPrefix("r.yaml, line ") == true)
    }

    @Test func resolvedRecipeNamesItsPack() throws {
        let yaml = Self.minimal + "\nviews: {count: 2}\nteacher: {knowledge: pack, pack: p}"
        let digest = SHA256(of: "origin")
        let recipe = try Recipe(yaml: yaml)
        #expect(recipe.teacher?.packDigest == nil)
        let text = try recipe.resolved(classes: 17, inputs: 3, packDigest: digest)
        let again = try Recipe(yaml: text)
        #expect(again.teacher?.packDigest == digest && again.teacher?.pack == "p")
        #expect(again.fixedViews == recipe.fixedViews)
        #expect(try again.resolved(classes: 17, inputs: 3, packDigest: digest) == text)
    }

    @Test(arguments: [
        ("steps: 40", "stepps: 40", 1, "needs 'steps'"),
        ("seed: 7  ", "sead: 7  ", 1, "'sead': did you mean 'seed'?"),
        ("seed: 7  ", "wombat: 7  ", 1, "'wombat'; it has"),
        ("seed: 7  ", "seed: -7  ", 1, "seed is -7"),
        ("grid: 0.25", "grid: 0", 7, "grid is 0"),
        ("grid: 0.25", "grid: coarse", 7, "grid must be a number"),
        ("points: 500", "points: 2", 8, "points is 2"),
        ("points: 500", "grid: 0.25", 8, "'grid' occurs twice"),
        ("features: [position, intensity]", "features: position", 9, "features must be a list"),
        ("views: strong", "views: mighty", 10, "'mighty'"),
        ("patch_size", "patch_sise", 11, "'patch_sise'"),
        ("tiny-student", "tinny-student", 11, "'tinny-student'"),
        ("{model: runs/teacher}", "{path: runs/teacher}", 12, "'model'"),
        ("task.lovasz: 2", "task.lovas: 2", 15, "'task.lovas'"),
        ("task.lovasz: 2", "task.lovasz: two", 15, "objectives[1]"),
        ("temperature: 4", "temperature: 0", 16, "objectives[2]"),
        ("teacher: enc1", "teacher: end1", 19, "end1"),
        ("clip: 1.5", "clip: 0", 23, "optimiser.clip is 0"),
        ("clip: 1.5", "clop: 1.5", 23, "did you mean 'clip'?"),
        ("batch: 6", "batch: 0", 24, "batch is 0"),
        ("batch: 6", "batch: 6.5", 24, "batch must be a whole number"),
        ("exclude: [car]", "exclude: car", 26, "validation.exclude must be a list"),
        ("exclude: [car]", "scenes: 0", 26, "validation.scenes"),
        ("exclude: [car]", "at-end: all", 26, "validation.at-end has a meaning only beside"),
        ("exclude: [car]", "scenes: 2, at-end: few", 26, "validation.at-end"),
        ("keep-last: 2", "keep-last: 0", 27, "checkpoints.keep-last is 0"),
    ])
    func mistakesAreReportedAtTheirLine(from: String, to: String, line: Int, part: String) throws {
        try #require(Self.complete.contains(from))
        let yaml = Self.complete.replacing(from, with: to, maxReplacements: 1)
        do {
            _ = try Recipe(yaml: yaml, file: "r.yaml")
            Issue.record("\(to) was read")
        } catch let error as RecipeError {
            #expect(error.description.contains(part), "\(error)")
            #expect(error.description.hasPrefix("r.yaml, line \(line): "), "\(error)")
            #expect(!error.description.contains("\n"), "\(error)")
        }
    }

    @Test func mistakesWithoutALineAreNamedByFile() {
        #expect {
            _ = try Recipe(yaml: "data: [", file: "r.yaml")
        } throws: {
            "\($0)".hasPrefix("r.yaml, line 2: this is not YAML: the reader did not find")
        }
        let alone = Self.complete.replacing("teacher: {model: runs/teacher}", with: "")
        #expect {
            _ = try Recipe(yaml: alone, file: "r.yaml")
        } throws: {
            "\($0)".hasPrefix("r.yaml: ") && "\($0)".contains("teacher: {model: PATH}")
        }
    }

    @Test func resolvedRecipeIsTheSameRun() throws {
        let recipe = try Recipe(yaml: Self.complete, steps: 30, seed: 11)
        let text = try recipe.resolved(classes: 17, inputs: 4)
        #expect(text.contains("num_classes: 17") && text.contains("in_channels: 4"))
        let again = try Recipe(yaml: text)
        #expect(again.steps == 30 && again.seed == 11)
        #expect("\(again.objectives)" == "\(recipe.objectives)")
        #expect(again.data == recipe.data && again.views == recipe.views)
        #expect(again.optimiser == recipe.optimiser && again.taps == recipe.taps)
        #expect(try again.resolved(classes: 17, inputs: 4) == text)
        // Another comment makes no other recipe; another number does.
        let bare = Self.complete.replacing("# of everything random", with: "")
        #expect(
            try Recipe(yaml: bare, steps: 30, seed: 11).resolved(classes: 17, inputs: 4) == text)
        let other = Self.complete.replacing("grid: 0.25", with: "grid: 0.3")
        #expect(
            try Recipe(yaml: other, steps: 30, seed: 11).resolved(classes: 17, inputs: 4) != text)
    }
}
