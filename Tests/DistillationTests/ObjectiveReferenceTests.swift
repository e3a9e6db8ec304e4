import Distillation
import NetworkTesting
import Networks
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

    @Test(arguments: [(1.0, 0.0, 1.0), (0.0, 2.0, 1.0), (0.5, 1.0, 4.0)])
    func semanticCorrelation(classes: Double, points: Double, temperature: Double) throws {
        try checkObjective(
            SemanticCorrelation(classes: classes, points: points, temperature: temperature),
            reference: Reference.semanticCorrelation(
                classes: classes, points: points, temperature: temperature))
    }

    @Test("a class that the teacher does not vary is left out") func constantClass() throws {
        var trial = ObjectiveTrial()
        for cloud in trial.clouds.indices {
            for point in trial.clouds[cloud].teacher.logits.indices {
                trial.clouds[cloud].teacher.logits[point][1] = -400
            }
        }
        let found = try trial.outcome(of: SemanticCorrelation(), shards: [[0, 1], [2, 3, 4, 5]])
        let wanted = Reference.semanticCorrelation()(trial)
        #expect(abs(found.value - wanted) < 1e-6 && wanted > 0)
    }

    @Test(arguments: [0.0, 0.5, 1.0]) func relationAlignment(balance: Double) throws {
        for tap in [Tap.encoder(0), .decoder(0)] {
            try checkObjective(
                RelationAlignment(levels: [.init(tap)], balance: balance),
                reference: Reference.alignment(at: tap, balance: balance))
        }
        try checkObjective(
            RelationAlignment(
                levels: [.init(.encoder(1), weight: 2), .init(.decoder(0))], balance: balance))
    }

    @Test(arguments: [(0.0, 0.01), (0.5, 0.3), (1.0, 0.01)])
    func relationReadout(balance: Double, ridge: Double) throws {
        for tap in [Tap.encoder(0), .decoder(0)] {
            try checkObjective(
                RelationReadout(levels: [.init(tap)], balance: balance, ridge: ridge),
                reference: Reference.readout(at: tap, balance: balance, ridge: ridge))
        }
        try checkObjective(
            RelationReadout(
                levels: [.init(.encoder(1), weight: 2), .init(.decoder(0))], balance: balance,
                ridge: ridge))
    }

    @Test("a teacher that is a linear map of the student leaves little to read out")
    func linearMapLeavesLittle() throws {
        var trial = ObjectiveTrial()
        for cloud in trial.clouds.indices {
            trial.clouds[cloud].teacher.features[.decoder(0)] =
                trial.clouds[cloud].student.features[.decoder(0)]!.map { x in
                    [x[0] + 1, 2 * x[1], x[2] - x[0], x[1] + x[2], 3]
                }
        }
        let readout = RelationReadout(levels: [.init(.decoder(0))], ridge: 1e-6)
        #expect(abs(try trial.outcome(of: readout, shards: [[0, 1, 2], [3, 4, 5]]).value) < 1e-5)
    }

    @Test("alignment ignores the scale, a rotation and a common component of features")
    func alignmentIsInvariant() throws {
        var trial = ObjectiveTrial(studentWidth: 5)
        for cloud in trial.clouds.indices {
            trial.clouds[cloud].student.features[.decoder(0)] =
                trial.clouds[cloud].teacher.features[.decoder(0)]!.map { row in
                    row.reversed().map { 3 * $0 + 0.5 }
                }
        }
        let aligned = RelationAlignment(levels: [.init(.decoder(0))])
        #expect(abs(try trial.outcome(of: aligned, shards: [[0, 1, 2], [3, 4, 5]]).value) < 1e-5)
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
