import Datasets
import Distillation
import Networks
import PointClouds
import Tensors
import Testing
import Training

/// Everything objectives can ask for, at work in whole steps.
@Suite struct EngineTests {
    @Test(arguments: ShardComputationTests.splits)
    func stepIsReproducibleOnAnyNumberOfThreads(shards: [Range<Int>]) throws {
        let run = try TinyRun.everythingAtOnce()
        let learner = run.learner
        let first = try run.step(of: learner, shards: shards)
        for threads in [1, 4] {
            let again = try run.step(of: learner, shards: shards, threads: threads)
            #expect(first.isBitIdentical(to: again), "\(threads) threads")
        }
    }

    @Test func objectiveParametersFollowTheStudents() throws {
        let run = try TinyRun.everythingAtOnce()
        let step = try run.step(of: run.learner, shards: [0..<2, 2..<4])
        let names = run.context.layout.slots.map(\.name)
        let student = run.student.specifications.filter(\.isTrained).map(\.name)
        #expect(Array(names.prefix(student.count)) == student)
        let own = names.dropFirst(student.count)
        #expect(
            own == [
                "objectives.test.omnivore.projector.weight",
                "objectives.test.omnivore.projector.bias",
            ])
        for gradient in run.context.layout.unpacked(step.gradients).suffix(2) {
            #expect(gradient.tensor.isFinite && gradient.tensor.squaredNorm > 0, "\(gradient.name)")
        }
    }

    /// Along the gradient of everything that learns, projector included, the loss grows by its norm:
    /// both views, the teacher's heads and the average are in it.
    @Test func gradientMatchesTheLoss() throws {
        let run = try TinyRun.everythingAtOnce()
        let learner = run.learner
        let shards = [0..<2, 2..<4]
        let here = try run.step(of: learner, shards: shards)
        let norm = here.gradients.reduce(0) { $0 + $1.squaredNorm }.squareRoot()
        func loss(_ side: Double) throws -> Double {
            let moved = zip(learner.buckets, here.gradients).map {
                $0 + $1.scaled(by: Float(side / norm))
            }
            let (student, own) = learner.parameters.weights(
                buckets: moved, statistics: learner.flatStatistics,
                constant: Weights())
            return try run.step(
                weights: StepWeights(
                    student: student, own: own, average: learner.averagedWeights), shards: shards
            ).report.loss
        }
        let length = 2e-3
        let slope = try (loss(length) - loss(-length)) / (2 * length)
        #expect(abs(slope / norm - 1) < 0.03, "\(slope) instead of \(norm)")
    }

    @Test func normalisationsSeeBothViews() throws {
        let run = try TinyRun.everythingAtOnce()
        let report = try run.step(of: run.learner, shards: [0..<2, 2..<4]).report
        let stem = try #require(report.moments.first)
        #expect(stem.moments.count == 2 * report.points)
    }

    @Test func strongViewsKeepTheVoxels() throws {
        let run = try TinyRun.everythingAtOnce()
        let example = try run.loader.example(of: 0, step: 3)
        let strong = try #require(example.strong)
        #expect(strong.rows == example.voxels.count)
        #expect(!strong.isBitIdentical(to: example.features))
        #expect(
            try run.loader.example(of: 0, step: 3).strong?.isBitIdentical(to: strong) == true)
        let plain = try TinyRun.everythingAtOnce(more: "strong-view: plain").loader
            .example(of: 0, step: 3)
        #expect(plain.strong?.isBitIdentical(to: plain.features) == true)
    }

    @Test func quarterTurnsAreExactAndReported() throws {
        let turning = try TinyRun.everythingAtOnce(more: "views: plain").loader
        let still = try TinyRun(more: "views: plain").loader
        var seen: Set<Int> = []
        for step in 0..<30 {
            let turned = try turning.example(of: 1, step: step)
            let straight = try still.source.scene(at: 1).rotated(quarterTurns: turned.quarterTurns)
            let places = Set(straight.positions)
            #expect(turned.voxels.cloud.positions.allSatisfy(places.contains))
            seen.insert(turned.quarterTurns)
        }
        #expect(seen == [0, 1, 2, 3])
        #expect(try still.example(of: 1, step: 5).quarterTurns == 0)
    }

    @Test func relationsReadCoarseStagesToo() throws {
        let run = try TinyRun(
            objectives: "- relation.dense\n- relation.cross-sample",
            more: "taps: {student: enc1, teacher: enc1}")
        let step = try run.step(of: run.learner, shards: [0..<2, 2..<4])
        #expect(step.report.terms.allSatisfy { $0.value > 0 && $0.gradientNorm > 0 })
        let gradients = run.context.layout.unpacked(step.gradients)
        #expect(
            gradients.filter { $0.name.contains(".dec.") }
                .allSatisfy { $0.tensor.squaredNorm == 0 })
    }

    @Test func queryWithoutTapsReturnsNoFeatures() throws {
        let run = try TinyRun()
        #expect(run.loader.strongView == nil && !run.loader.turns)
        #expect(try run.loader.example(of: 0, step: 0).strong == nil)
        #expect(run.context.plan.specifications.isEmpty)
        #expect(run.context.plan.studentTaps == [.lastDecoderStage])
        #expect(run.context.objectives.exchanges == 1)
        #expect(run.learner.average == nil && run.learner.extras.isEmpty)
        let report = try run.step(of: run.learner, shards: [0..<4]).report
        #expect(report.moments.first?.moments.count == report.points, "one view")
    }

    @Test func metricsHaveTheirObjectivesName() throws {
        let run = try TinyRun.everythingAtOnce()
        let own = run.context.plan.bound(run.learner.ownWeights.map(\.tensor))
        let totals = [Totals(.nothing), Totals(Contribution(counts: [17, 3, 0]))]
        let metrics = try run.context.objectives.metrics(
            given: totals, parameters: own, step: 0)
        #expect(metrics.map(\.name) == ["test.omnivore.points", "test.omnivore.norm"])
        #expect(metrics[0].metric.value == 17 && metrics[1].metric.value > 0)
    }
}
