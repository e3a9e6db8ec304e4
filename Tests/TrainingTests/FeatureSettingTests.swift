import Datasets
import Distillation
import Foundation
import PointClouds
import Settings
import Tensors
import Testing
import Training

/// Features and their scales in recipes.
@Suite struct FeatureSettingTests {
    private func recipe(
        _ features: String, student: String = "preset: tiny-student",
        teacher: String = "model: nowhere", more: String = ""
    ) throws -> Recipe {
        try Recipe(
            yaml: """
                data: {source: rooms, scenes: {training: 5}, options: {views: 2, columns: 12}}
                grid: 0.1
                features: \(features)
                student: {\(student)}
                teacher: {\(teacher)}
                objectives: [task.cross-entropy, semantic.soft-targets]
                steps: 10
                \(more)
                """, file: "r.yaml")
    }

    @Test func allFormsAreRead() throws {
        let recipe = try recipe(
            "[position, colour: standard, height: range, distance: {subtract: 2, divide: [0.1]}]",
            student: "preset: tiny-student, features: [distance, position: standard]",
            teacher: "model: t, features: [colour, {height: plain}, centred]")
        #expect(recipe.features == ["distance", "position"])
        #expect(
            recipe.studentFeatures == [
                .init("distance", .given(.init(subtract: [2], divide: [0.1]))),
                .init("position", .standard),
            ])
        #expect(
            recipe.teacher?.features == [
                .init("colour", .standard), .init("height"), .init("centred"),
            ])
    }

    @Test(arguments: [
        ("[position, colour: loud]", "features[1].colour is 'loud': give standard, range, plain"),
        ("[position, colour: {divide: 0}]", "features[1].colour.divide holds a 0"),
        ("[position, colour: {divide: x}]", "must be a number"),
        ("[position, colour: {shift: 1}]", "no setting 'shift'"),
        ("[position, {colour: range, height: range}]", "must be a feature's name, or a name with"),
        ("[position, position: range]", "features names 'position' twice"),
        ("[]", "features is empty: name at least position"),
        ("[[position]]", "features[0] must be text"),
    ])
    func mistakesAreReportedAtTheirLine(features: String, part: String) {
        let error = #expect(throws: RecipeError.self) { try recipe(features) }
        #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
        #expect(error?.description.hasPrefix("r.yaml, line 3: ") == true)
    }

    @Test func featureThatTheDataLackIsNamed() throws {
        let missing = "which the data source 'rooms' does not have: its channels are colour; "
        for (recipe, who) in [
            (try recipe("[position, intensity]"), "r.yaml: the student reads 'intensity', "),
            (
                try recipe("[position]", teacher: "model: t, features: [normal]"),
                "r.yaml: the teacher reads 'normal', "
            ),
        ] {
            let error = #expect(throws: RecipeError.self) { try TrainingData(recipe) }
            #expect(error?.description.hasPrefix(who + missing) == true, "\(error!)")
        }
        let view = "views: {name: mine, augmentations: [{channel-drop: {channel: color}}]}"
        let error = #expect(throws: RecipeError.self) {
            try TrainingData(recipe("[position]", more: view))
        }
        #expect(
            error?.description
                == "r.yaml: the view 'mine' changes the channel 'color', which the data source "
                + "'rooms' does not have: its channels are colour.")
    }

    @Test func scalesAreComputedOverAllPoints() throws {
        let recipe = try recipe("[position, colour: standard, height: range]")
        var told: [String] = []
        let data = try TrainingData(recipe, reading: { told.append($0) })
        #expect(told == ["reading 5 training scans for the scales of features"])
        // The same, the long way: all points side by side, in Float64.
        let scenes = try (0..<5).map { try data.source.scene(at: $0) }
        func columns(_ feature: Feature) throws -> [[Double]] {
            let all = try features(of: scenes, [feature])
            return (0..<all.columns).map { column in
                (0..<all.rows).map { Double(all[$0, column]) }
            }
        }
        let colours = try columns("colour")
        let means = colours.map { $0.reduce(0, +) / Double($0.count) }
        let deviations = zip(colours, means).map { values, mean in
            (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count))
                .squareRoot()
        }
        let heights = try columns("height")[0]
        let settled = data.recipe.studentFeatures
        #expect(settled[0] == .init("position"))
        guard case .given(let colour) = settled[1].scaling,
            case .given(let height) = settled[2].scaling
        else {
            Issue.record("scales without numbers: \(settled)")
            return
        }
        for axis in 0..<3 {
            #expect(abs(Double(colour.subtract[axis]) - means[axis]) < 1e-6)
            #expect(abs(Double(colour.divide[axis]) - deviations[axis]) < 1e-6)
        }
        #expect(height.subtract == [Float(heights.min()!)])
        #expect(height.divide == [Float(heights.max()! - heights.min()!)])
        #expect(data.notes.count == 2 && data.notes[0].hasPrefix("over 5 training scans, colour"))
        #expect(try TrainingData(recipe).recipe.studentFeatures == settled, "the same each time")
    }

    @Test func constantColumnsAreDividedByOne() throws {
        struct Flat: SceneSource {
            let name = "flat"
            let classes = ["a"]
            let channels = [ChannelSpecification("heat")]
            let count = 3
            func name(of index: Int) -> String { "\(index)" }
            func scene(at index: Int) throws -> Cloud {
                Cloud(
                    positions: (0..<7).map { SIMD3(Float($0 + index), 0, 1) },
                    channels: [.init(name: "heat", values: [Float](repeating: 0.1, count: 7))],
                    labels: [Int32](repeating: 0, count: 7))
            }
        }
        for scaling in [FeatureSetting.Scaling.standard, .range] {
            let settled = try [FeatureSetting("heat", scaling)].settled(by: Flat())
            #expect(settled[0].feature?.scale == .init(subtract: [0.1], divide: [1]))
        }
    }

    @Test func resolvedRecipeNeedsNoData() throws {
        let recipe = try recipe(
            "[position, colour: standard, height: range]",
            student: "preset: tiny-student, features: [position, height]")
        let data = try TrainingData(recipe)
        let text = try data.recipe.resolved(classes: 18, inputs: 4)
        let again = try Recipe(yaml: text)
        #expect(again.studentFeatures == data.recipe.studentFeatures)
        #expect(again.teacher?.features == data.recipe.teacher?.features)
        #expect(again.teacher?.features?.map(\.name) == ["position", "colour", "height"])
        #expect(again.studentFeatures.features != nil && again.teacher?.features?.features != nil)
        #expect(try TrainingData(again).notes == [])
        #expect(try again.resolved(classes: 18, inputs: 4) == text)
        #expect(try data.recipe.featuresJSON.contains("teacher"))
    }

    @Test func teacherFeaturesDefaultToThoseOfItsModel() throws {
        let scale = Feature.Scale(subtract: [0.5], divide: [0.25])
        let stored = ["position", Feature("colour", scale: scale)]
        let recipe = try recipe("[position, height]")
        let data = try TrainingData(recipe, teacher: stored)
        #expect(data.recipe.teacher?.features?.features == stored)
        #expect(data.recipe.studentFeatures.features == ["position", "height"])
        // One that reads the same is shown the very same numbers.
        let same = try TrainingData(recipe, teacher: ["position", "height"])
        #expect(same.recipe.teacher?.features == nil)
        let other = try self.recipe("[position]", teacher: "model: t, features: [position]")
        let error = #expect(throws: RecipeError.self) {
            try TrainingData(other, teacher: stored)
        }
        #expect(
            error?.description
                == "r.yaml: the teacher's model reads [position, colour], but the recipe says "
                + "[position]: leave teacher.features out, or name another teacher.")
    }

    @Test func eachNetworkReadsItsOwnFeatures() throws {
        let views = "views: {name: weak, count: 2}\nstrong-view: strong"
        func loader(_ student: String, _ more: String = "") throws -> ExampleLoader {
            let data = try TrainingData(
                recipe(
                    "[position, colour: standard]",
                    student: "preset: tiny-student, features: \(student)", more: views))
            return try ExampleLoader(data.recipe, source: data.source, needs: [.strongView])
        }
        let both = try loader("[position, colour]")
        let blind = try loader("[position]")
        #expect(both.inputs == 6 && both.teacherFeatures == nil)
        #expect(try blind.inputs == 3 && blind.teacherInputs == 6)
        let (seeing, seen) = (
            try both.example(of: 1, step: 0), try blind.example(of: 1, step: 0)
        )
        #expect(seeing.ownTeacherFeatures == nil)
        #expect(try #require(seen.ownTeacherFeatures).isBitIdentical(to: seeing.features))
        #expect(seen.features.isBitIdentical(to: seeing.features.columns(0..<3)))
        let (strong, strongSeen) = (
            try #require(seeing.teacherExamples.last), try #require(seen.teacherExamples.last)
        )
        #expect(try #require(strongSeen.ownTeacherFeatures).isBitIdentical(to: strong.features))
        #expect(strongSeen.features.columns == 3)
        // Whole scenes are the student's alone.
        #expect(try blind.wholeExample(of: 0).example.ownTeacherFeatures == nil)
    }
}
