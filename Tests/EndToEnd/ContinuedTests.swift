import Foundation
import Testing

/// A student initialised from a stored model, partly frozen, with a moving average.
@Suite struct ContinuedTests {
    private let fixture: SharedFixture
    private let folder: Folder

    init() throws {
        fixture = try SharedFixture.open()
        folder = try Folder()
        let recipe = fixture.distillation
        let yaml = recipe.yaml
        let begin = try #require(yaml.firstRange(of: "student:"))
        let end = try #require(yaml.firstRange(of: "teacher:"))
        try folder.write(
            yaml[..<begin.lowerBound]
                + "student: {model: \(try #require(recipe.teacher))}\n"
                + "train: [seg_head.*, \"*.dec.*\"]\naverage: 0.9\n"
                + yaml[end.lowerBound...].replacing("steps: 30", with: "steps: 8")
                + "validation: {every: 4}\n", to: "recipe.yaml")
    }

    @Test func digestIsEqualForAnyWorkersAndAfterResume() throws {
        try folder.train("recipe.yaml", "one", "--workers", "1")
        try folder.train("recipe.yaml", "two", "--workers", "2", "--threads", "2")
        try folder.train("recipe.yaml", "cut", "--workers", "2", "--stop-after", "3")
        try folder.train("recipe.yaml", "cut", "--workers", "1", "--resume")
        let digest = try folder.digest(of: "one")
        #expect(try folder.digest(of: "two") == digest)
        #expect(try folder.digest(of: "cut") == digest)
    }

    @Test func checkpointContainsAverageBesideStudent() throws {
        let outcome = try folder.train("recipe.yaml", "run", "--workers", "2")
        #expect(outcome.errors.contains("the student begins with"))
        let shown = try Denju.run(["inspect", "run"], in: folder)
        #expect(shown.status == 0)
        for group in ["model ", "optimizer ", "average "] {
            #expect(shown.output.contains("\n" + group), "\(group)")
        }
        #expect(try Denju.run(["verify", "run"], in: folder).status == 0)
        let table = try Denju.run(["evaluate", "run", "--summary"], in: folder)
        #expect(table.status == 0, "\(table.errors)")
    }

    @Test("validations have the recipe's number of scans, the last one all, also after resuming")
    func numberOfValidationScans() throws {
        struct Line: Decodable {
            let step: Int
            let scans: Int
            let confusion: [Int]
        }
        func lines(_ run: String) throws -> [Line] {
            try folder.text(run + "/validations.jsonl").split(separator: "\n").map {
                try JSONDecoder().decode(Line.self, from: Data($0.utf8))
            }
        }
        let recipe = try folder.text("recipe.yaml")
        try folder.write(
            recipe.replacing(
                "validation: {every: 4}", with: "validation: {every: 2, scenes: 1}"), to: "few.yaml"
        )
        let outcome = try folder.train("few.yaml", "few", "--workers", "2")
        let few = try lines("few")
        #expect(few.map(\.step) == [2, 4, 6, 8] && few.map(\.scans) == [1, 1, 1, 2])
        #expect(outcome.errors.contains("on all 2 scans"))
        #expect(few[3].confusion.reduce(0, +) > few[0].confusion.reduce(0, +))
        try folder.train("few.yaml", "cut", "--workers", "1", "--stop-after", "4")
        #expect(try lines("cut").map(\.scans) == [1, 1])
        try folder.train("few.yaml", "cut", "--workers", "2", "--resume")
        #expect(try lines("cut").map(\.confusion) == few.map(\.confusion))
        try folder.write(
            recipe.replacing(
                "validation: {every: 4}", with: "validation: {every: 4, scenes: 1, at-end: scenes}"),
            to: "fewer.yaml")
        try folder.train("fewer.yaml", "fewer", "--workers", "1")
        #expect(try lines("fewer").map(\.scans) == [1, 1])
    }

    @Test func stepRecordsContainGradientNormOfEachTerm() throws {
        try folder.train("recipe.yaml", "run", "--workers", "1", "--stop-after", "2")
        let lines = try folder.text("run/steps.jsonl").split(separator: "\n")
        #expect(lines.count == 2)
        for line in lines {
            #expect(line.contains(#""gradientNorms":{"relation.cross-sample":"#))
            #expect(line.contains(#""weights":{"relation.cross-sample":1,"relation.dense":0.5"#))
        }
    }

    /// The recorded seconds of steps and validations sum to less than the duration of the run.
    @Test func validationRecordsContainSeconds() throws {
        struct Line: Decodable {
            let seconds: Double
        }
        let began = ContinuousClock.now
        try folder.train("recipe.yaml", "run", "--workers", "1", "--stop-after", "5")
        let wall = (ContinuousClock.now - began) / .seconds(1)
        func lines(_ name: String) throws -> [Line] {
            try folder.text("run/" + name).split(separator: "\n").map {
                try JSONDecoder().decode(Line.self, from: Data($0.utf8))
            }
        }
        let (steps, validations) = (try lines("steps.jsonl"), try lines("validations.jsonl"))
        #expect(steps.count == 5 && !validations.isEmpty)
        #expect(validations.allSatisfy { $0.seconds > 0 })
        #expect((steps + validations).reduce(0) { $0 + $1.seconds } < wall)

    }
}
