import Foundation
import Testing

/// A teacher with colour and a student without.
@Suite struct SensorTests {
    private let folder: Folder

    private static let rooms = """
          source: rooms
          scenes: {training: 6, validation: 2}
          options: {views: 2, columns: 18}
        """

    private var teacher: TinyRecipe {
        TinyRecipe(steps: 3, data: Self.rooms, channels: [16, 32])
    }

    private func student(
        teaching: String = "{model: teacher}", features: String = "[position]", rest: String = ""
    ) -> String {
        TinyRecipe(
            steps: 4, data: Self.rooms, teaching: teaching,
            objectives: ["task.cross-entropy", "semantic.soft-targets", "relation.dense"],
            rest: rest
        ).yaml.replacing("[position, intensity]", with: features)
    }

    init() throws {
        folder = try Folder()
        try folder.write(
            teacher.yaml.replacing(
                "[position, intensity]", with: "[position, colour: standard]"),
            to: "teacher.yaml")
        try folder.train("teacher.yaml", "teacher", "--workers", "2")
    }

    @Test func studentTrainsWithoutColour() throws {
        try folder.write(student(), to: "recipe.yaml")
        let one = try folder.train("recipe.yaml", "one", "--workers", "1")
        #expect(one.status == 0, "\(one.errors)")
        try folder.train("recipe.yaml", "two", "--workers", "2", "--threads", "2")
        try folder.train("recipe.yaml", "cut", "--workers", "2", "--stop-after", "2")
        try folder.train("recipe.yaml", "cut", "--workers", "1", "--resume")
        let digest = try folder.digest(of: "one")
        #expect(try folder.digest(of: "two") == digest)
        #expect(try folder.digest(of: "cut") == digest)
        // The run's folder lists the features of both; the teacher's scales are its own.
        let own = try folder.text("teacher/features.json")
        let both = try folder.text("one/features.json")
        #expect(own.contains(#""colour""#) && both.contains(#""student" : [\#n    "position"\#n"#))
        let numbers = own.split(separator: "\n").filter { $0.contains(".") }
        #expect(numbers.count == 6)
        for line in numbers { #expect(both.contains(line)) }
        // Models store the features that they read.
        let table = try Denju.run(["evaluate", "one", "teacher", "--summary"], in: folder)
        #expect(table.status == 0, "\(table.errors)")
        let predicted = try Denju.run(["predict", "one", "--output", "out"], in: folder)
        #expect(predicted.status == 0, "\(predicted.errors)")
    }

    @Test func packDependsOnTeacherInputsOnly() throws {
        let views = "views: {name: weak, count: 2, seed: 1}"
        try folder.write(
            student(
                teaching: "{model: teacher, knowledge: auto, pack: pack}", rest: views),
            to: "recipe.yaml")
        try folder.write(
            student(teaching: "{knowledge: pack, pack: pack}", rest: views), to: "packed.yaml")
        try folder.train("recipe.yaml", "cold", "--workers", "1")
        for arguments in [["--verify"], []] {
            _ = try Denju.run(["teach", "recipe.yaml"] + arguments, in: folder)
        }
        let verified = try Denju.run(["teach", "packed.yaml", "--verify"], in: folder)
        #expect(verified.status == 0, "\(verified.errors)")
        try folder.train("packed.yaml", "packed", "--workers", "2")
        let cold = try folder.digest(of: "cold")
        #expect(try folder.digest(of: "packed") == cold)
        // A student with more features reads the same pack, which depends only on the teacher.
        try folder.write(
            student(
                teaching: "{knowledge: pack, pack: pack}", features: "[position, height]",
                rest: views), to: "seeing.yaml")
        try folder.train("seeing.yaml", "seeing", "--workers", "1")
    }

    @Test func mistakesAreOneSentence() throws {
        for (features, teaching, parts) in [
            (
                "[position, intensity]", "{model: teacher}",
                ["recipe.yaml", "the student reads 'intensity'", "'rooms'", "channels are colour"]
            ),
            (
                "[position]", "{model: teacher, features: [position]}",
                ["the teacher's model reads [position, colour]", "leave teacher.features out"]
            ),
            (
                "[position, colour: mean]", "{model: teacher}",
                ["recipe.yaml, line 8", "features[1].colour is 'mean'"]
            ),
        ] {
            try folder.write(student(teaching: teaching, features: features), to: "recipe.yaml")
            let outcome = try Denju.run(
                ["train", "--recipe", "recipe.yaml", "--run", "run", "--workers", "1"], in: folder)
            expectOneSentence(outcome, saying: parts)
            #expect(!folder.has("run"))
        }
        // A model cannot be evaluated on data without its features.
        let outcome = try Denju.run(
            ["evaluate", "teacher", "--data", "streets", "--scenes", "1"], in: folder)
        expectOneSentence(
            outcome, saying: ["teacher reads 'colour'", "'streets'", "channels are intensity"])
    }
}
