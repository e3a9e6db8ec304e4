import Distillation
import Foundation
import Testing
import Training

@Suite struct StudyTests {
    static let yaml = """
        study: a try
        base:
          data: {source: streets}
          grid: 0.25
          features: [position, intensity]
          student: {preset: tiny-student, drop_path: 0}
          teacher: {model: TEACHER}
          objectives: [task.cross-entropy, semantic.soft-targets: 0.3]
          optimiser: {rate: 0.008, weight-decay: 0.02}
          steps: 5
        seeds: [3, 4]
        arms:
          alone: {teacher: null, objectives: [task.cross-entropy]}
          kl:
          slow: {optimiser: {rate: 0.001}}
        """

    @Test func armChangesTheBaseKeyByKey() throws {
        let study = try Study(yaml: Self.yaml, file: "study.yaml")
        #expect(study.arms.map(\.name) == ["alone", "kl", "slow"])
        #expect(study.baseline == "alone")
        func recipe(_ place: Int) throws -> Recipe {
            try Recipe(yaml: study.recipe(of: study.arms[place], seed: 4, teacher: "runs/t"))
        }
        #expect(try recipe(0).teacher == nil)
        #expect(try recipe(0).objectives.terms.count == 1)
        #expect(try recipe(1).teacher?.model == "runs/t")
        #expect(try recipe(2).optimiser.rate == 0.001)
        #expect(try recipe(2).optimiser.weightDecay == 0.02)
        #expect(try recipe(1).seed == 4)
    }

    @Test(arguments: [
        ("kl:", "k/l:", "names a folder"), ("seeds: [3, 4]", "seeds: [3, 3]", "different"),
        ("slow: {optimiser", "slow: {optimizer", "did you mean 'optimiser'"),
        ("study: a try", "baseline: nobody", "'nobody', which is no arm"),
        (
            "slow: {optimiser", "slow: {against: noone, optimiser",
            "against 'noone', which is no arm"
        ),
        ("seeds: [3, 4]", "seeds: [3, 4]\nevaluation: {split: exam}", "'exam'"),
    ])
    func mistakesAreOneSentence(from: String, to: String, part: String) {
        do {
            _ = try Study(yaml: Self.yaml.replacing(from, with: to), file: "study.yaml")
            Issue.record("Nothing was refused.")
        } catch {
            #expect("\(error)".contains(part), "\(error)")
        }
    }

    @Test func armMayNameItsReference() throws {
        let yaml = Self.yaml.replacing("slow: {", with: "slow: {against: kl, ")
        let study = try Study(yaml: yaml, file: "study.yaml")
        #expect(study.arms.map(\.reference) == ["alone", "alone", "kl"])
        func scores(_ values: Double...) -> [Score] {
            values.map { Score(mIoU: $0, mAcc: 0, allAcc: 0, classes: [:], parameters: 1) }
        }
        let result = StudyResult(
            study,
            scores: ["alone": scores(0.2, 0.4), "kl": scores(0.4, 0.4), "slow": scores(0.5, 0.6)],
            teacher: scores(0.8)[0])
        #expect(result.arms.map(\.against) == [nil, "alone", "kl"])
        let gains = result.arms.map { $0.mIoU.map { ($0.mean * 1000).rounded() } }
        #expect(gains == [nil, 100, 150])
        // From 0.4 to 0.55 of 0.8.
        #expect(try abs(#require(result.arms[2].gapClosed) - 0.375) < 1e-12)
    }

    /// Quantiles of Student's t as tables print them.
    @Test(arguments: [
        (2, 12.706), (3, 4.303), (4, 3.182), (5, 2.776), (10, 2.262), (31, 2.042), (121, 1.980),
    ])
    func intervalsFollowStudent(pairs: Int, quantile: Double) {
        let values = (0..<pairs).map { Double($0 % 2) + 5 }
        let found = PairedDifference(values)
        let mean = values.reduce(0, +) / Double(pairs)
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        let deviation = (squares / Double(pairs - 1)).squareRoot()
        let half = quantile * deviation / Double(pairs).squareRoot()
        #expect((found.halfWidth! - half).magnitude < 3e-4 * half)
        #expect((found.mean - mean).magnitude < 1e-12)
    }

    @Test func singleSeedHasNoInterval() {
        let found = PairedDifference([0.1])
        #expect(found.halfWidth == nil && !found.isClear && found.mean == 0.1)
    }

    @Test func comparesArmsSeedBySeed() throws {
        let study = try Study(yaml: Self.yaml, file: "study.yaml")
        func score(_ mIoU: Double) -> Score {
            Score(mIoU: mIoU, mAcc: mIoU, allAcc: 1, classes: ["road": mIoU], parameters: 10)
        }
        let result = StudyResult(
            study,
            scores: [
                "alone": [score(0.2), score(0.3)], "kl": [score(0.3), score(0.4)],
                "slow": [score(0.1), score(0.3)],
            ], teacher: score(0.45))
        let kl = try #require(result.arms[1].mIoU)
        #expect((kl.mean - 0.1).magnitude < 1e-12 && kl.isClear)
        #expect((result.arms[1].gapClosed! - 0.5).magnitude < 1e-12)
        #expect(result.arms[0].mIoU == nil && result.arms[0].gapClosed == nil)
        #expect(!result.arms[2].mIoU!.isClear)
        #expect(result.arms[2].classes["road"]!.differences[0] < 0)
    }
}
