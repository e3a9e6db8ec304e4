import Distillation
import NetworkTesting
import Testing

/// Single objectives at several settings, each against a Float64 reference over the whole mini-batch.
@Suite struct ObjectiveReferenceTests {
    @Test func crossEntropy() throws {
        try checkObjective(CrossEntropy(), reference: Reference.crossEntropy())
    }

    @Test func crossEntropyWithWeightsAndSmoothing() throws {
        let weights = [1, 0.25, 3, 0.5]
        try checkObjective(
            CrossEntropy(classWeights: weights, labelSmoothing: 0.1),
            reference: Reference.crossEntropy(weights: weights, smoothing: 0.1))
    }

    @Test func lovasz() throws {
        try checkObjective(LovaszSoftmax(), reference: Reference.lovasz)
    }

    @Test(arguments: [1.0, 2.0, 4.0]) func softTargets(temperature: Double) throws {
        try checkObjective(
            SoftTargets(temperature: temperature),
            reference: Reference.softTargets(temperature: temperature))
        try checkObjective(
            SoftTargets(temperature: temperature, scaleByTemperature: false),
            reference: Reference.softTargets(temperature: temperature, scaled: false))
    }

    @Test(arguments: [(1.0, 1.0), (1.0, 0.0), (0.0, 2.0), (0.5, 3.0)])
    func denseRelation(within: Double, across: Double) throws {
        try checkObjective(
            DenseRelation(within: within, across: across),
            reference: Reference.denseRelation(within: within, across: across))
    }

    @Test(arguments: [0.1, 0.5, 2.0]) func crossSampleRelation(temperature: Double) throws {
        try checkObjective(
            CrossSampleRelation(temperature: temperature),
            reference: Reference.crossSampleRelation(temperature: temperature))
    }

    @Test func crossSampleRelationOfFewerAnchorsThanPoints() throws {
        try checkObjective(CrossSampleRelation(temperature: 0.2, anchors: 4), drawsPoints: true)
    }

    @Test func missingTeacherIsNamedByTheOutcome() throws {
        var trial = ObjectiveTrial()
        trial.hasTeacher = false
        let error = #expect(throws: ObjectiveError.self) {
            try trial.outcome(of: DenseRelation(), shards: [[0, 1]])
        }
        #expect(
            error?.description
                == "relation.dense compares the student with a teacher, but the recipe names none: "
                + "give it a teacher or remove the objective.")
    }

    @Test func labelWithoutAClassIsNamed() throws {
        var trial = ObjectiveTrial()
        trial.clouds[0].labels[3] = 23
        let error = #expect(throws: ObjectiveError.self) {
            try trial.outcome(of: CrossEntropy(), shards: [[0]])
        }
        #expect(error?.description.contains("point 3 of the micro-shard has label 23") == true)
    }
}
