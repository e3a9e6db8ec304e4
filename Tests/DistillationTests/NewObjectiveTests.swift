import Distillation
import Foundation
import NetworkTesting
import Networks
import PointClouds
import Settings
import Tensors
import Testing

/// The teacher's features of a coarse stage through a trained linear projector: the example of the page
/// on adding an objective.
///
///     L = 1 / (N d) Σ_n || F_S,n Wᵀ + b - F_T,n ||²,   n over all voxels of the tap's stage.
struct ProjectedFeatures: Objective {
    static let name = "example.projected-features"
    var tap = Tap.encoder(1)

    var description: String { "ProjectedFeatures(tap: \(tap))" }

    var needs: Needs { .teacherFeatures }

    func taps(for pair: NetworkPair) throws -> TapDemand {
        try pair.checkRows(student: tap, teacher: tap, for: self)
        return TapDemand(student: [tap], teacher: [tap])
    }

    func parameters(for pair: NetworkPair) throws -> [ParameterSpecification] {
        let scope = ParameterScope()
        _ = Linear(
            scope["projector"], inputs: try pair.student.width(at: tap),
            outputs: try pair.teacher(for: self).width(at: tap))
        return scope.declared  // projector.weight, projector.bias
    }

    func exchange(for pair: NetworkPair) throws -> ExchangeForm { .counts(1) }

    func contribution(of input: ObjectiveInput) throws -> Contribution {
        Contribution(counts: [Double(input.rows(ofStage: tap.stage))])
    }

    func loss(of input: ObjectiveInput, given totals: Totals) throws -> Tensor {
        let teacher = try input.teacher(for: self).features(at: tap)
        let own = input.parameters
        let projected = input.student.features(at: tap)
            .linear(own["projector.weight"], bias: own["projector.bias"])
        let gap = projected - teacher
        let voxels = max(try totals.counts(1, for: self)[0], 1)
        return (gap * gap).sum().scaled(by: Float(1 / (voxels * Double(teacher.columns))))
    }

    func metrics(given totals: Totals, parameters: BoundParameters, step: Int) -> [Metric] {
        [Metric("projector-norm", parameters["projector.weight"].squaredNorm.squareRoot())]
    }
}

extension ProjectedFeatures {
    /// Its line in the catalogue.
    static let entry = ObjectiveEntry(
        name: name, formula: "mean squared difference of projected features",
        source: "the page on adding an objective", grade: .ours,
        settings: [.init("tap", "enc1", "where features are compared")]
    ) { read in
        .init(
            objective: ProjectedFeatures(
                tap: Tap(try read.word("tap", of: ["enc0", "enc1", "dec0"]) ?? "enc1")!),
            weight: 1)
    }
}

@Suite struct NewObjectiveTests {
    @Test("the code of the page on adding an objective is the code of this file")
    func pageShowsThisFile() throws {
        let package = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let page = try String(
            contentsOfFile: package
                + "/Sources/Distillation/Distillation.docc/AddingAnObjective.md",
            encoding: .utf8)
        func flat(_ text: Substring) -> String {
            text.split(separator: "\n").map { $0.drop { $0 == " " } }.joined(separator: "\n")
        }
        let own = flat(try String(contentsOfFile: #filePath, encoding: .utf8)[...])
        let blocks = page.split(separator: "```swift\n").dropFirst().compactMap {
            $0.split(separator: "```").first
        }
        #expect(blocks.count == 6)
        for block in blocks { #expect(own.contains(flat(block)), "\(block)") }
    }

    @Test("a catalogue entry creates the objective from a recipe's settings")
    func entryReadsSettings() throws {
        func term(_ yaml: String) throws -> String {
            try ProjectedFeatures.entry.term(
                SettingsMapping(yaml: yaml, path: ProjectedFeatures.name)
            ).description
        }
        #expect(try term("{}") == "ProjectedFeatures(tap: enc1)")
        #expect(try term("{tap: dec0, weight: 2}") == "2.0 * ProjectedFeatures(tap: dec0)")
        let error = #expect(throws: SettingsError.self) { try term("{tip: dec0}") }
        #expect(error?.description.contains("did you mean 'tap'?") == true)
        try checkObjective(ProjectedFeatures.entry.trialObjective())
    }

    @Test(arguments: [Tap.encoder(0), .encoder(1), .decoder(0)])
    func passesTheContract(tap: Tap) throws {
        try checkObjective(ProjectedFeatures(tap: tap)) { trial in
            let weight = trial.parameters[0].rows
            let bias = trial.parameters[1].rows[0]
            var sum = 0.0
            var count = 0
            for cloud in trial.clouds {
                for (student, teacher) in zip(
                    cloud.student.features[tap]!, cloud.teacher.features[tap]!)
                {
                    for (channel, wanted) in teacher.enumerated() {
                        let value = zip(weight[channel], student).reduce(bias[channel]) {
                            $0 + $1.0 * $1.1
                        }
                        sum += (value - wanted) * (value - wanted)
                        count += 1
                    }
                }
            }
            return sum / Double(count)
        }
    }

    @Test func parametersAreNamedAfterTheObjective() throws {
        let sum =
            CrossEntropy() + 0.5 * ProjectedFeatures() + 2 * ProjectedFeatures(tap: .decoder(0))
        let plan = try ObjectivePlan(sum, for: ObjectiveTrial().pair)
        #expect(
            plan.specifications.map { "\($0.name) \($0.shape)" } == [
                "objectives.example.projected-features.projector.weight [6, 4]",
                "objectives.example.projected-features.projector.bias [6]",
                "objectives.example.projected-features#2.projector.weight [5, 3]",
                "objectives.example.projected-features#2.projector.bias [5]",
            ])
        #expect(plan.studentTaps == [.decoder(0), .encoder(1)])
        #expect(plan.teacherTaps == [.decoder(0), .encoder(1)])
        let bound = plan.bound(plan.initialWeights(seed: 1).map(\.tensor))
        #expect(bound.map(\.names.count) == [0, 2, 2])
        #expect(bound[2]["projector.weight"].rows == 5)
    }

    @Test func differentVoxelsAreRefused() throws {
        let pair = ObjectiveTrial().pair
        let other = NetworkPair(
            student: pair.student,
            teacher: .init(
                taps: pair.student.taps, geometry: .init(strides: [4], orders: [.z])), classes: 4)
        let error = #expect(throws: ObjectiveError.self) {
            try ObjectivePlan(WeightedSum(ProjectedFeatures()), for: other)
        }
        #expect(
            error?.description
                == "example.projected-features: at enc1 student and teacher have different voxels "
                + "(strides [2] along z, and [4] along z): give the student the teacher's strides "
                + "and first curve.")
        // The finest stage's voxels are always the same.
        _ = try ObjectivePlan(WeightedSum(ProjectedFeatures(tap: .encoder(0))), for: other)
    }
}
