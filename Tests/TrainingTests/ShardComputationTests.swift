import Distillation
import Networks
import PointClouds
import Tensors
import Testing
import Training

/// A micro-shard's work is a pure function, and a step a sum of such in a fixed order.
@Suite struct ShardComputationTests {
    /// One, two and four micro-shards.
    static let splits: [[Range<Int>]] = [
        [0..<4], [0..<2, 2..<4], [0..<1, 1..<2, 2..<3, 3..<4],
    ]

    @Test(arguments: splits)
    func stepIsReproducibleOnAnyNumberOfThreads(shards: [Range<Int>]) throws {
        let run = try TinyRun()
        let learner = run.learner
        let first = try run.step(of: learner, shards: shards)
        for threads in [1, 2, 4] {
            let again = try run.step(of: learner, shards: shards, threads: threads)
            #expect(first.isBitIdentical(to: again), "\(threads) threads")
        }
        // What must differ does: another step draws other views of the same clouds.
        let next = try run.step(1, of: learner, shards: shards)
        #expect(!first.isBitIdentical(to: next))
    }

    @Test(arguments: splits)
    func reportsAddUp(shards: [Range<Int>]) throws {
        let run = try TinyRun()
        let report = try run.step(of: run.learner, shards: shards).report
        let terms = run.recipe.objectives.terms
        #expect(report.values.count == ShardReport.count(terms: terms.count))
        let weighted = zip(terms, report.terms).reduce(0) {
            $0 + $1.0.weight * $1.1.value
        }
        #expect(abs(report.loss - weighted) < 1e-4 * weighted, "loss = Σ weight x term")
        #expect(report.terms.allSatisfy { $0.gradientNorm > 0 })
        let points = try (0..<4).reduce(0) {
            $0 + (try run.loader.example(of: $1, step: 0).voxels.count)
        }
        #expect(report.points == points)
        #expect(report.labelled <= points, "labelled points")
        // Every normalisation of the finest stage saw every point.
        #expect(report.moments.contains { $0.moments.count == points })
        #expect(report.moments.allSatisfy { $0.moments.count <= points })
    }

    @Test func bucketsCoverEveryParameter() throws {
        let run = try TinyRun()
        let learner = run.learner
        let step = try run.step(of: learner, shards: [0..<2, 2..<4])
        #expect(step.gradients.map(\.count) == learner.buckets.map(\.count))
        let trained = run.student.specifications.filter(\.isTrained)
        #expect(run.context.layout.slots.map(\.name) == trained.map(\.name))
        for gradient in run.context.layout.unpacked(step.gradients) {
            #expect(gradient.tensor.isFinite, "\(gradient.name)")
        }
    }

    @Test func unreachedParametersHaveZeroGradients() throws {
        // Relations compare features before the head: the head learns nothing from them.
        let run = try TinyRun(objectives: "- relation.dense")
        let step = try run.step(of: run.learner, shards: [0..<2, 2..<4])
        let gradients = run.context.layout.unpacked(step.gradients)
        let head = gradients.filter { $0.name.hasPrefix("seg_head") }
        let others = gradients.filter { !$0.name.hasPrefix("seg_head") }
        #expect(!head.isEmpty)
        #expect(head.allSatisfy { $0.tensor.values.allSatisfy { $0 == 0 } })
        #expect(others.contains { $0.tensor.squaredNorm > 0 })
    }
}
