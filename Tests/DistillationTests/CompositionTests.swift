import Distillation
import NetworkTesting
import Networks
import Tensors
import Testing

@Suite struct CompositionTests {
    private let sum =
        CrossEntropy() + LovaszSoftmax() + 0.3 * SoftTargets(temperature: 2)
        + 1.0 * CrossSampleRelation(temperature: 0.1)

    @Test func descriptionIsTheWrittenExpression() {
        #expect(
            "\(sum)"
                == "CrossEntropy() + LovaszSoftmax() + 0.3 * SoftTargets(temperature: 2) + "
                + "1.0 * CrossSampleRelation(temperature: 0.1)")
        #expect(
            "\(WeightedSum((0.5 * DenseRelation()).ramped(from: 10, over: 200)))"
                == "(0.5 * DenseRelation(within: 1, across: 1)).ramped(from: 10, over: 200)")
        #expect(
            "\(CrossEntropy(classWeights: [1, 0.5], labelSmoothing: 0.1))"
                == "CrossEntropy(classWeights: [1, 0.5], labelSmoothing: 0.1)")
    }

    @Test func namesItsTerms() {
        #expect(
            sum.names == [
                "task.cross-entropy", "task.lovasz", "semantic.soft-targets",
                "relation.cross-sample",
            ])
        #expect(
            (SoftTargets() + SoftTargets(temperature: 4)).names.last == "semantic.soft-targets#2")
        #expect(sum.needs == [.labels, .teacherLogits, .teacherFeatures])
    }

    @Test func weightsRise() {
        let term = (2 * DenseRelation()).ramped(from: 10, over: 4)
        #expect([0, 9, 10, 11, 12, 13, 14, 500].map(term.weight) == [0, 0, 0.5, 1, 1.5, 2, 2, 2])
        #expect((2 * DenseRelation()).weight(at: 0) == 2)
        #expect((2 * DenseRelation()).ramped(from: 3, over: 0).weight(at: 3) == 2)
    }

    @Test func weightsFade() {
        let term = (2 * DenseRelation()).ramped(from: 1, over: 2).fading(to: 0, from: 10, over: 4)
        #expect(
            [0, 1, 2, 9, 10, 11, 12, 13, 14].map(term.weight) == [0, 1, 2, 2, 1.5, 1, 0.5, 0, 0])
        #expect(
            "\(term)"
                == "(2.0 * DenseRelation(within: 1, across: 1)).ramped(from: 1, over: 2)"
                + ".fading(to: 0, from: 10, over: 4)")
    }

    @Test(
        "a placebo reads the teacher's rows of each cloud in another order, alike in every micro-shard"
    )
    func placeboPermutesTheTeacher() throws {
        let trial = ObjectiveTrial()
        let placebo = WeightedSum((2 * SoftTargets(temperature: 2)).placebo())
        #expect("\(placebo)" == "(2.0 * SoftTargets(temperature: 2)).placebo()")
        #expect(placebo.names == ["semantic.soft-targets.placebo"])
        func value(_ sum: WeightedSum, step: Int, shards: [[Int]]) throws -> Double {
            var trial = trial
            trial.step = step
            let inputs = shards.map { trial.input(of: $0, on: Tape()) }
            let total = Totals(
                try Contribution.total(of: inputs.map { try sum.contributions(of: $0)[0] }))
            return try inputs.reduce(0) { try $0 + sum.share(of: $1, given: [total]).total }
        }
        let whole = try value(placebo, step: 3, shards: [Array(trial.clouds.indices)])
        for parts in [2, 3, 6] {
            let found = try value(placebo, step: 3, shards: trial.shards(parts))
            #expect(abs(found - whole) <= 1e-6 * abs(whole))
        }
        #expect(try value(placebo, step: 4, shards: trial.shards(2)) != whole)
        let real = WeightedSum(2 * SoftTargets(temperature: 2))
        #expect(try abs(value(real, step: 3, shards: trial.shards(2)) - whole) > 0.01 * whole)

        // Every cloud keeps its own rows, and those of one stage move alike.
        let input = trial.input(of: [0, 2, 4], on: Tape())
        let teacher = try #require(input.teacher)
        let shuffled = try #require(input.shufflingTeacher().teacher)
        var moved = 0
        for range in input.cloudRanges {
            for row in range {
                let from = try #require(
                    range.first { other in
                        (0..<trial.classes).allSatisfy {
                            shuffled.logits[row, $0] == teacher.logits[other, $0]
                        }
                    })
                moved += from == row ? 0 : 1
                #expect(shuffled.features[row, 1] == teacher.features[from, 1])
            }
            func sorted(_ outputs: NetworkOutputs) -> [Float] {
                range.map { outputs.logits[$0, 0] }.sorted()
            }
            #expect(sorted(shuffled) == sorted(teacher))
        }
        #expect(moved > input.rows / 2)
    }

    /// The share of the sum, over three micro-shards, is the weighted sum of what each objective
    /// gives alone; and so is its gradient.
    @Test func sharesSumToTheLoss() throws {
        let trial = ObjectiveTrial()
        let shards = trial.shards(3)
        let tapes = shards.map { _ in Tape() }
        let inputs = zip(shards, tapes).map { trial.input(of: $0, on: $1) }
        let byLesson = try inputs.map { try sum.contributions(of: $0) }
        let totals = try sum.terms.indices.map { term in
            Totals(try Contribution.total(of: byLesson.map { $0[term] }))
        }
        var total = 0.0
        var terms = [0.0, 0, 0, 0]
        var squares = terms
        var norm = 0.0
        for (input, tape) in zip(inputs, tapes) {
            let share = try sum.share(of: input, given: totals)
            total += share.total
            terms = zip(terms, share.terms).map { $0 + $1.value }
            squares = zip(squares, share.terms).map { $0 + $1.gradientSquares }
            let gradients = tape.gradients(from: share.seeds)
            for signal in [input.student.logits, input.student.features] {
                for value in gradients[signal]?.values ?? [] { norm += Double(value * value) }
            }
        }
        let alone = try [
            trial.outcome(of: CrossEntropy(), shards: shards),
            trial.outcome(of: LovaszSoftmax(), shards: shards),
            trial.outcome(of: SoftTargets(temperature: 2), shards: shards),
            trial.outcome(of: CrossSampleRelation(temperature: 0.1), shards: shards),
        ]
        let weights = [1, 1, 0.3, 1]
        #expect(terms == alone.map(\.value))
        for (squares, alone) in zip(squares, alone) {
            let expected = alone.gradient.reduce(0) { $0 + $1 * $1 }
            #expect(abs(squares / expected - 1) < 1e-5, "each term's own gradient norm")
        }
        #expect(
            abs(total - zip(weights, alone).reduce(0) { $0 + $1.0 * $1.1.value }) < 1e-6 * total)
        var expected = 0.0
        for index in alone[0].gradient.indices {
            let entry = zip(weights, alone).reduce(0) { $0 + $1.0 * $1.1.gradient[index] }
            expected += entry * entry
        }
        #expect(abs(norm / expected - 1) < 1e-5)
    }

    @Test func termWithoutWeightIsNotComputed() throws {
        var trial = ObjectiveTrial()
        trial.hasTeacher = false
        let tape = Tape()
        defer { withExtendedLifetime(tape) {} }
        let input = trial.input(of: [0, 1], on: tape)
        let later = CrossEntropy() + (1 * DenseRelation()).ramped(from: 100, over: 10)
        let contributions = try later.contributions(of: input)
        #expect(contributions[1].isEmpty)
        let share = try later.share(of: input, given: contributions.map { Totals($0) })
        #expect(share.terms[1].value == 0 && share.terms[1].gradientSquares == 0)
        #expect(share.seeds.count == 1, "nothing but the logits has a gradient")
    }

    @Test func totalsOfAnotherSumAreRefused() throws {
        let tape = Tape()
        defer { withExtendedLifetime(tape) {} }
        let input = ObjectiveTrial().input(of: [0], on: tape)
        #expect(throws: ObjectiveError.self) {
            try sum.share(of: input, given: [Totals(.nothing)])
        }
        #expect(throws: ObjectiveError.self) { try sum.share(of: input) }
    }

    @Test func exchangeIsSkippedWithoutContributions() throws {
        let sum = WeightedSum(2 * Silent())
        #expect(!sum.requiresExchange)
        #expect(self.sum.requiresExchange)
        let tape = Tape()
        defer { withExtendedLifetime(tape) {} }
        let input = ObjectiveTrial().input(of: [0], on: tape)
        #expect(try sum.share(of: input).terms.map(\.value) == [5])
    }
}

/// An objective that needs nothing from the others.
private struct Silent: Objective {
    static let name = "test.silent"
    var needs: Needs { [] }
    var exchanges: Bool { false }
    var description: String { "Silent()" }
    func loss(of input: ObjectiveInput, given totals: Totals) throws -> Tensor {
        input.student.logits.sum().scaled(by: 0) + Tensor(5)
    }
}
