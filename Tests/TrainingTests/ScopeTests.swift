import Distillation
import Networks
import Settings
import Tensors
import Testing
import Training

/// Selection of trained parameters.
@Suite struct ScopeTests {
    private static let projecting = 1.0 * Projecting()

    private func advanced(_ run: TinyRun, steps: Int = 2) throws -> Learner {
        var learner = run.learner
        for _ in 0..<steps {
            let step = try run.step(learner.version, of: learner, shards: [0..<2, 2..<4])
            for (bucket, gradient) in step.gradients.enumerated().reversed() {
                _ = try learner.apply(gradient, to: bucket)
            }
            _ = try learner.completeStep(step.report)
        }
        return learner
    }

    private func same(_ a: Weights, _ b: Weights) -> [String: Bool] {
        Dictionary(
            uniqueKeysWithValues: zip(a, b).map {
                ($0.name, $0.tensor.isBitIdentical(to: $1.tensor))
            })
    }

    @Test func trainingHeadsKeepsTheStudent() throws {
        let run = try TinyRun(
            more: "train: heads", sum: WeightedSum(Self.projecting))
        let before = run.learner
        #expect(before.parameters.isStudentFrozen)
        #expect(run.context.layout.slots.allSatisfy { $0.name.hasPrefix(ObjectivePlan.prefix) })
        let after = try advanced(run)
        #expect(same(before.weights, after.weights).values.allSatisfy { $0 }, "statistics too")
        #expect(same(before.ownWeights, after.ownWeights).values.allSatisfy { !$0 })
        #expect(!after.frozenBuckets.isEmpty)
        #expect(after.moments.count == 2 * after.ownWeights.count)
    }

    @Test func patternsSelectTrainedParameters() throws {
        let run = try TinyRun(more: "train: [seg_head.*, '*.dec.*']")
        let before = run.learner.weights
        let changed = same(before, try advanced(run).weights).filter { !$0.value }.keys
        #expect(
            changed.allSatisfy {
                $0.hasPrefix("seg_head.") || $0.contains(".dec.") || $0.contains("running_")
                    || $0.hasSuffix("num_batches_tracked")
            })
        #expect(changed.contains("seg_head.weight"))
        #expect(changed.contains { $0.contains(".enc.") && $0.hasSuffix("running_mean") })
    }

    @Test func starMatchesAnyLetters() {
        let scope = TrainingScope.matching(["*.dec.*", "seg_head.weight", "a*b*c"])
        for name in ["backbone.dec.dec0.norm.weight", "seg_head.weight", "abc", "a-b-b-c", "abbc"] {
            #expect(scope.trains(name), "\(name)")
        }
        for name in ["backbone.enc.enc0.weight", "seg_head.bias", "ab", "acb", "xabc", "dec.dec0"] {
            #expect(!scope.trains(name), "\(name)")
        }
        #expect(TrainingScope.matching(["*"]).trains("anything"))
    }

    @Test func patternsThatMatchNothingAreRefused() throws {
        let error = #expect(throws: RecipeError.self) {
            let run = try TinyRun(
                objectives: "- task.cross-entropy", more: "train: [segmentation_head.*]")
            _ = try run.recipe.plan(student: run.student, teacher: nil)
        }
        #expect(error?.description.contains("train names 'segmentation_head.*'") == true)
    }

    @Test func headsWithoutHeadsAreRefused() throws {
        let error = #expect(throws: RecipeError.self) {
            let run = try TinyRun(objectives: "- task.cross-entropy", more: "train: heads")
            _ = try run.recipe.plan(student: run.student, teacher: nil)
        }
        #expect(error?.description.contains("no objective has parameters to train") == true)
    }

    @Test func averageFollowsTheWeights() throws {
        let run = try TinyRun(more: "average: 0.5")
        var learner = run.learner
        var expected = learner.buckets
        for steps in 1...3 {
            let step = try run.step(learner.version, of: learner, shards: [0..<4])
            for (bucket, gradient) in step.gradients.enumerated() {
                _ = try learner.apply(gradient, to: bucket)
            }
            _ = try learner.completeStep(step.report)
            let kept = min(0.5, Float(1 + steps) / Float(10 + steps))
            expected = zip(expected, learner.buckets).map {
                $0.scaled(by: kept) + $1.scaled(by: 1 - kept)
            }
        }
        let average = try #require(learner.average)
        for (a, b) in zip(average.buckets, expected) {
            #expect((a - b).squaredNorm <= 1e-12 * b.squaredNorm)
        }
        let counts = try #require(learner.averagedWeights).student.filter {
            $0.name.hasSuffix("num_batches_tracked")
        }
        #expect(!counts.isEmpty && counts.allSatisfy { $0.tensor.scalar == 3 })
    }
}

/// Features of the last stage as the teacher has them, through a projector.
struct Projecting: Objective {
    static let name = "test.projecting"
    var needs: Needs { .teacherFeatures }
    var description: String { "Projecting()" }

    func parameters(for pair: NetworkPair) throws -> [ParameterSpecification] {
        let widths = try pair.widths(for: self)
        let scope = ParameterScope()
        _ = Linear(scope["projector"], inputs: widths.student, outputs: widths.teacher)
        return scope.declared
    }

    func contribution(of input: ObjectiveInput) throws -> Contribution {
        Contribution(counts: [Double(input.rows)])
    }

    func loss(of input: ObjectiveInput, given totals: Totals) throws -> Tensor {
        let own = input.parameters
        let gap =
            input.student.features.linear(own["projector.weight"], bias: own["projector.bias"])
            - (try input.teacher(for: self).features)
        return (gap * gap).sum().scaled(by: Float(1 / (try totals.counts(1, for: self)[0])))
    }
}
