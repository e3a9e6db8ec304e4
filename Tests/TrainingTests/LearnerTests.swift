import Networks
import Tensors
import Testing
import Training

@Suite struct LearnerTests {
    private func advance(_ learner: inout Learner, _ run: TinyRun) throws -> Double {
        let step = try run.step(
            learner.version, of: learner, shards: [0..<2, 2..<4])
        // Buckets come in the order in which backward completes them.
        for (bucket, gradient) in step.gradients.enumerated().reversed() {
            let values = try learner.apply(gradient, to: bucket)
            #expect((values == nil) == (run.recipe.optimiser.clip != nil))
        }
        return try learner.completeStep(step.report)
    }

    private func expectIdentical(_ a: Weights, _ b: Weights) {
        #expect(a.map(\.name) == b.map(\.name))
        for (a, b) in zip(a, b) {
            #expect(a.shape == b.shape && a.tensor.isBitIdentical(to: b.tensor), "\(a.name)")
        }
    }

    @Test(arguments: ["", "optimiser: {rate: 0.01, clip: 0.5, warm-up: 0.3}"])
    func checkpointResumesBitForBit(optimiser: String) throws {
        let run = try TinyRun(more: optimiser)
        var straight = run.learner
        for _ in 0..<2 { _ = try advance(&straight, run) }
        var resumed = try Learner(
            run.context.parameters, weights: straight.weights, moments: straight.moments,
            version: straight.version, optimiser: run.recipe.optimiser)
        #expect(resumed.version == 2)
        for _ in 0..<2 {
            let norm = try advance(&straight, run)
            #expect(try advance(&resumed, run).bitPattern == norm.bitPattern)
        }
        expectIdentical(straight.weights, resumed.weights)
        expectIdentical(straight.moments, resumed.moments)
        #expect(straight.version == 4)
    }

    @Test(
        "gradients and updates that are not finite leave the weights as they are",
        arguments: ["", "optimiser: {clip: 0.5}"])
    func divergenceChangesNothing(optimiser: String) throws {
        let run = try TinyRun(more: optimiser)
        var learner = run.learner
        _ = try advance(&learner, run)
        let before = (learner.weights, learner.moments)
        let step = try run.step(1, of: learner, shards: [0..<2, 2..<4])
        let gradients = step.gradients
        func values(_ value: Float, like tensor: Tensor) -> Tensor {
            Tensor(rows: tensor.rows, columns: tensor.columns, filledWith: value)
        }
        for value in [Float.nan, .infinity] {
            #expect(throws: Divergence.self) {
                _ = try learner.apply(values(value, like: gradients[0]), to: 0)
            }
        }
        // Finite, but its square, which the second moment takes, is not.
        let error = #expect(throws: Divergence.self) {
            var learner = learner
            for (bucket, gradient) in gradients.enumerated() {
                let huge = bucket == 0 && run.recipe.optimiser.clip == nil
                _ = try learner.apply(
                    huge ? values(1e30, like: gradient) : gradient, to: bucket)
            }
            var report = step.report
            report.moments = report.moments.map {
                .init(
                    path: $0.path,
                    moments: BatchMoments(
                        count: $0.moments.count,
                        mean: values(.infinity, like: $0.moments.mean),
                        variance: $0.moments.variance))
            }
            _ = try learner.completeStep(report)
        }
        #expect(error?.description.contains("not finite at step 2") == true)
        expectIdentical(learner.weights, before.0)
        expectIdentical(learner.moments, before.1)
        #expect(learner.version == 1)
    }

    @Test func stepChangesEveryKindOfWeight() throws {
        let run = try TinyRun()
        var learner = run.learner
        let before = learner.weights
        #expect(try advance(&learner, run) > 0)
        let after = learner.weights
        let roles = Dictionary(
            uniqueKeysWithValues: run.student.specifications.map { ($0.name, $0.role) })
        for role in Set(roles.values) {
            let changed = zip(before, after).contains {
                roles[$0.name] == role && !$0.tensor.isBitIdentical(to: $1.tensor)
            }
            #expect(changed, "\(role)")
        }
    }

    @Test func weightsSurvivePackingIntoBuckets() throws {
        let run = try TinyRun()
        let learner = run.learner
        expectIdentical(
            learner.weights,
            learner.parameters.weights(
                buckets: learner.buckets, statistics: learner.flatStatistics,
                constant: Weights()
            ).student)
    }

    @Test func optimiserOfAnotherStudentIsRefused() throws {
        let run = try TinyRun()
        let learner = run.learner
        let one = learner.moments.first { $0.name.hasSuffix(".second") }
        let fewer = Weights(learner.moments.filter { $0.name != one?.name })
        #expect {
            _ = try Learner(
                run.context.parameters, weights: learner.weights, moments: fewer, version: 0,
                optimiser: run.recipe.optimiser)
        } throws: {
            "\($0)".contains(one?.name ?? "?") && "\($0)".contains("another student")
        }
    }
}
