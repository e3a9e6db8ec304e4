import Distillation
import NetworkTesting
import Networks
import PointClouds
import Settings
import Tensors
import Testing

@Suite struct LayeredTests {
    private static let all: [Tap] = [.encoder(0), .encoder(1), .decoder(0)]
    /// The taps at which the trial's teacher has heads.
    private static let taught: [Tap] = [.encoder(1), .decoder(0)]

    @Test(arguments: [nil, [Tap.encoder(1)], [.decoder(0), .encoder(0)]])
    func heads(taps: [Tap]?) throws {
        try checkObjective(
            LayeredHeads(taps: taps),
            reference: LayeredReference.heads(at: taps ?? Self.all))
    }

    @Test(arguments: [
        LayeredStudent(), LayeredStudent(labelled: .upright),
        LayeredStudent(taps: [.encoder(1)], labels: 2, heads: 0.5, scores: 3, temperature: 1),
        LayeredStudent(labels: 0, temperature: 2),
    ])
    func student(objective: LayeredStudent) throws {
        try checkObjective(
            objective,
            reference: LayeredReference.student(objective, at: objective.taps ?? Self.taught))
    }

    @Test(arguments: [
        LayeredSelf(), LayeredSelf(target: .average),
        // The last tap computed is coarser than the others, or is not.
        LayeredSelf(taps: [.encoder(0), .encoder(1)], features: 2, temperature: 2),
        LayeredSelf(taps: [.encoder(1), .decoder(0)], labels: 0.5, joint: 2, divergences: 3),
        LayeredSelf(taps: [.encoder(1)], target: .average, features: 0),
    ])
    func selfTaught(objective: LayeredSelf) throws {
        try checkObjective(
            objective,
            reference: LayeredReference.selfTaught(objective, at: objective.taps ?? Self.all))
    }

    @Test func headsAndProjectorsHaveStableNames() throws {
        let plan = try ObjectivePlan(
            WeightedSum(LayeredSelf(taps: [.encoder(1), .decoder(0)])), for: ObjectiveTrial().pair)
        #expect(
            plan.specifications.map { "\($0.name.dropFirst(24)) \($0.shape)" } == [
                "auxiliary.enc1.norm.weight [4]", "auxiliary.enc1.norm.bias [4]",
                "auxiliary.enc1.hidden.weight [4, 4]", "auxiliary.enc1.hidden.bias [4]",
                "auxiliary.enc1.classes.weight [16, 4]", "auxiliary.enc1.classes.bias [16]",
                "auxiliary.dec0.norm.weight [3]", "auxiliary.dec0.norm.bias [3]",
                "auxiliary.dec0.hidden.weight [3, 3]", "auxiliary.dec0.hidden.bias [3]",
                "auxiliary.dec0.classes.weight [16, 3]", "auxiliary.dec0.classes.bias [16]",
                "projectors.enc1.weight [3, 4]", "projectors.enc1.bias [3]",
            ])
        #expect(plan.specifications.allSatisfy { $0.name.hasPrefix("objectives.layered.self.") })
    }

    /// The share of labelled voxels a head tells is reported every tenth step.
    @Test func headAccuracyIsReported() throws {
        let objective = LayeredHeads(taps: [.decoder(0)])
        func metrics(step: Int) throws -> [Metric] {
            var trial = try ObjectiveTrial().prepared(for: objective)
            trial.step = step
            let tape = Tape()
            let input = trial.input(of: Array(0..<6), on: tape)
            return try objective.metrics(
                given: Totals(objective.contribution(of: input)),
                parameters: input.parameters.detached, step: step)
        }
        #expect(try metrics(step: 7).isEmpty)
        let trial = try ObjectiveTrial().prepared(for: objective)
        var (right, all) = (0.0, 0.0)
        for cloud in trial.clouds {
            let scores = LayeredReference.heads(
                cloud.studentFeatures, trial.parameters, at: .decoder(0))
            for (row, label) in cloud.labels.enumerated() where label >= 0 {
                all += 1
                let best = scores[row].indices.max { scores[row][$0] < scores[row][$1] }
                if best == 4 * Int(label) + cloud.quarterTurns { right += 1 }
            }
        }
        #expect(try metrics(step: 20) == [Metric("joint-accuracy-dec0", right / all)])
    }

    private func refusal(
        _ objective: some Objective, of pair: NetworkPair = ObjectiveTrial().pair
    ) -> String? {
        do {
            _ = try ObjectivePlan(WeightedSum(objective), for: pair)
            return nil
        } catch { return "\(error)" }
    }

    @Test func missingTapsAreRefusedBeforeTheRun() {
        #expect(
            refusal(LayeredHeads(taps: [.decoder(3)]))
                == "layered.heads: the student has no tap dec3; it has enc0, enc1, dec0.")
        #expect(
            refusal(LayeredStudent(taps: [.encoder(0)]))
                == "layered.student: the teacher has no head at enc0; it has heads at enc1, dec0.")
        #expect(
            refusal(LayeredSelf(taps: [.encoder(0)]))
                == "layered.self: a single head has no deeper one to follow: name several taps, or "
                + "say target: average.")
        let pair = ObjectiveTrial().pair
        func other(_ heads: [TapDescription]) -> NetworkPair {
            NetworkPair(
                student: pair.student,
                teacher: .init(
                    taps: pair.teacher!.taps, auxiliary: heads, geometry: pair.teacher!.geometry),
                classes: pair.classes)
        }
        #expect(
            refusal(LayeredStudent(), of: other([.init(tap: .encoder(1), width: 20)]))
                == "layered.student: the teacher's head at enc1 gives 20 scores, where four turns of "
                + "4 classes are 16: train its heads with layered.heads on the same classes.")
        #expect(
            refusal(LayeredStudent(), of: other([.init(tap: .encoder(4), width: 16)]))
                == "layered.student: the teacher has heads at enc4, where the student has no taps: "
                + "train heads at taps both have.")
        #expect(
            refusal(LayeredStudent(), of: other([]))
                == "layered.student needs a teacher with auxiliary heads, and this one has none: "
                + "train heads on it first (train: heads).")
    }

    @Test func tapsAreReadFromARecipe() throws {
        func made(_ taps: String) throws -> String {
            let settings = try SettingsMapping(yaml: "taps: \(taps)", path: "layered.heads")
            return "\(try ObjectiveCatalogue["layered.heads"]!.term(settings).objective)"
        }
        #expect(
            try made("[enc1, dec0]") == "LayeredHeads(taps: [enc1, dec0])")
        for wrong in ["[enc1, enc1]", "[stage1]", "[1]"] {
            let error = #expect(throws: SettingsError.self) { try made(wrong) }
            #expect(error?.description.contains("a tap such as enc1 or dec0, each once") == true)
        }
    }
}

/// Mistakes that self-distillation makes with its own targets.
@Suite struct LayeredMutantTests {
    private func rejection(of mistake: SelfMutant.Mistake) -> String? {
        do {
            try checkObjective(
                SelfMutant(mistake: mistake),
                reference: LayeredReference.selfTaught(
                    SelfMutant.base, at: [.encoder(1), .decoder(0)]))
            return nil
        } catch { return "\(error)" }
    }

    @Test func unchangedObjectivePasses() { #expect(rejection(of: .none) == nil) }

    /// Merely detached, the target moves with the student, and value and gradient disagree.
    @Test func detachedTargetThatIsNotHeldIsRejected() throws {
        #expect(try #require(rejection(of: .detached)).contains("promises"))
    }

    /// The gradient of the whole expression is a gradient, but not that of the method.
    @Test func gradientIntoTheTargetIsRejected() throws {
        #expect(try #require(rejection(of: .through)).contains("beside the Float64 reference"))
    }
}

/// The features' part of ``LayeredSelf`` in the plain operations of the tape, with the mistakes one
/// can make there; the other parts as they are.
private struct SelfMutant: Objective {
    enum Mistake { case none, detached, through }
    static let name = "mutant.self"
    static let base = LayeredSelf(taps: [.encoder(1), .decoder(0)], features: 30)
    private static let rest = LayeredSelf(taps: [.encoder(1), .decoder(0)], features: 0)
    let mistake: Mistake
    var needs: Needs { Self.base.needs }
    var description: String { "SelfMutant(\(mistake))" }

    func taps(for pair: NetworkPair) throws -> TapDemand { try Self.base.taps(for: pair) }
    func parameters(for pair: NetworkPair) throws -> [ParameterSpecification] {
        try Self.base.parameters(for: pair)
    }
    func exchange(for pair: NetworkPair) throws -> ExchangeForm {
        try Self.base.exchange(for: pair)
    }
    func contribution(of input: ObjectiveInput) throws -> Contribution {
        try Self.base.contribution(of: input)
    }

    func loss(of input: ObjectiveInput, given totals: Totals) throws -> Tensor {
        let sum = try Self.rest.loss(of: input, given: totals)
        let last = input.student.features
        let wanted =
            switch mistake {
            case .none: input.held(last)
            case .detached: last.detached
            case .through: last
            }
        let own = input.parameters
        let gap =
            input.student.features(at: .encoder(1))
            .linear(own["projectors.enc1.weight"], bias: own["projectors.enc1.bias"])
            - wanted.segmentMean(input.hierarchy.segments(ofStage: 1))
        // Counts: points, labelled, then four for enc1, whose voxels come first.
        let voxels = totals.whole.counts.count > 2 ? max(totals.whole.counts[2], 1) : 1
        return sum + (gap * gap).sum().scaled(by: Float(30 / (voxels * Double(last.columns))))
    }
}
