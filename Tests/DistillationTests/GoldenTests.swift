import Distillation
import Foundation
import NetworkTesting
import Testing

/// The objectives beside an independent transcription of their formulas in NumPy
/// (`References/make_goldens.py`).
@Suite struct GoldenTests {
    private struct Golden: Decodable {
        let value: Double
        let norm: Double
        let cosine: Double
        let sine: Double
    }

    private struct Page: Decodable {
        let classes: Int
        let clouds: [Cloud]
        let goldens: [String: Golden]

        struct Cloud: Decodable {
            let place: Int
            let labels: [Int32]
            let studentLogits: [[Double]]
            let studentFeatures: [[Double]]
            let teacherLogits: [[Double]]
            let teacherFeatures: [[Double]]
        }
    }

    private static let objectives: [(String, any Objective)] = [
        ("cross-entropy", CrossEntropy()),
        (
            "cross-entropy weighted",
            CrossEntropy(classWeights: [1, 2, 0.5, 1, 0.25], labelSmoothing: 0.1)
        ),
        ("lovasz", LovaszSoftmax()),
        ("soft-targets", SoftTargets(temperature: 2)),
        ("dense", DenseRelation(within: 1, across: 0.5)),
        ("cross-sample", CrossSampleRelation(temperature: 0.1)),
        ("cross-sample flat", CrossSampleRelation(temperature: 2)),
    ]

    @Test func valuesAndGradientsAgree() throws {
        let file = try #require(
            Bundle.module.url(
                forResource: "goldens", withExtension: "json", subdirectory: "References"))
        let page = try JSONDecoder().decode(Page.self, from: Data(contentsOf: file))
        var trial = ObjectiveTrial(sizes: page.clouds.map(\.labels.count), classes: page.classes)
        for (index, cloud) in page.clouds.enumerated() {
            trial.clouds[index].labels = cloud.labels
            trial.clouds[index].studentLogits = cloud.studentLogits
            trial.clouds[index].studentFeatures = cloud.studentFeatures
            trial.clouds[index].teacherLogits = cloud.teacherLogits
            trial.clouds[index].teacherFeatures = cloud.teacherFeatures
        }
        #expect(page.goldens.count == Self.objectives.count)
        for (name, objective) in Self.objectives {
            let golden = try #require(page.goldens[name])
            let found = try trial.outcome(of: objective, shards: trial.shards(3))
            let sums = found.gradient.enumerated().reduce(into: (norm: 0.0, cosine: 0.0, sine: 0.0))
            {
                $0.norm += $1.element * $1.element
                $0.cosine += $1.element * cos(Double($1.offset))
                $0.sine += $1.element * sin(Double($1.offset))
            }
            #expect(abs(found.value - golden.value) < 1e-6 + 1e-6 * golden.value, "\(name)")
            let slack = 1e-5 * golden.norm
            #expect(abs(sums.norm.squareRoot() - golden.norm) < slack, "\(name)")
            // Vectors of some hundred cosines: about ten times as long as a unit vector.
            #expect(abs(sums.cosine - golden.cosine) < 10 * slack, "\(name)")
            #expect(abs(sums.sine - golden.sine) < 10 * slack, "\(name)")
        }
    }
}
