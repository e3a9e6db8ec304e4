import Distillation
import Foundation
import NetworkTesting
import Networks
import Settings
import Tensors
import Testing

@Suite struct CrossViewTests {
    /// The formula over the whole mini-batch, point by point.
    static func reference(_ objective: CrossView) -> ObjectiveReference {
        { trial in
            let temperature = objective.temperature
            func kd(_ student: [Double], _ teacher: [Double]) -> Double {
                temperature * temperature
                    * Reference.divergence(of: student, from: teacher, temperature: temperature)
            }
            func sure(_ teacher: [Double], _ threshold: Double) -> Double {
                Reference.softmax(teacher).max()! >= threshold ? 1 : 0
            }
            var (points, labelled) = (0.0, 0.0)
            var (crossEntropies, within, across) = (0.0, 0.0, 0.0)
            for cloud in trial.clouds {
                for row in cloud.labels.indices {
                    let (sw, ss) = (cloud.student.logits[row], cloud.strongStudent.logits[row])
                    let (tw, ts) = (cloud.teacher.logits[row], cloud.strongTeacher.logits[row])
                    let weak = sure(tw, objective.thresholds.weak)
                    let strong = sure(ts, objective.thresholds.strong)
                    if objective.gate == .family {
                        within += weak * (kd(sw, tw) + kd(ss, ts))
                        across += strong * (kd(ss, tw) + kd(sw, ts))
                    } else {
                        within += weak * kd(sw, tw) + strong * kd(ss, ts)
                        across += weak * kd(ss, tw) + strong * kd(sw, ts)
                    }
                    points += 1
                    let label = Int(cloud.labels[row])
                    guard label >= 0 else { continue }
                    labelled += 1
                    crossEntropies -=
                        log(Reference.softmax(sw)[label]) + log(Reference.softmax(ss)[label])
                }
            }
            return objective.labels * crossEntropies / labelled
                + (objective.within * within + objective.across * across) / points
        }
    }

    @Test(arguments: [
        CrossView(), CrossView(labels: 2, temperature: 1),
        CrossView(temperature: 2, thresholds: (0.6, 0.45)),
        CrossView(labels: 0.5, temperature: 3, thresholds: (0.5, 0.65), gate: .view),
        CrossView(labels: 0, within: 1, across: 0, thresholds: (0.4, 0)),
    ])
    func passesTheContract(objective: CrossView) throws {
        try checkObjective(objective, reference: Self.reference(objective))
    }

    /// The trial's thresholds let some points through and not others, so the masks are tried.
    @Test func masksKeepSomePointsAndReportTheirShare() throws {
        let objective = CrossView(thresholds: (0.6, 0.45))
        let trial = try ObjectiveTrial().prepared(for: objective)
        let tape = Tape()
        let totals = Totals(
            try objective.contribution(of: trial.input(of: Array(0..<6), on: tape)))
        let metrics = try objective.metrics(given: totals, parameters: .none, step: 0)
        func share(
            _ voice: KeyPath<ObjectiveTrial.Cloud, ObjectiveTrial.SyntheticOutputs>, _ least: Double
        )
            -> Double
        {
            let all = trial.clouds.flatMap { $0[keyPath: voice].logits }
            return Double(all.count { Reference.softmax($0).max()! >= least }) / Double(all.count)
        }
        #expect(
            metrics == [
                Metric("kept-weak", share(\.teacher, 0.6)),
                Metric("kept-strong", share(\.strongTeacher, 0.45)),
            ])
        #expect(metrics.allSatisfy { $0.value > 0.1 && $0.value < 0.9 })
    }

    /// Of clouds without labels the terms of the teacher count in full.
    @Test func unlabelledPointsCountInTheTeachersTerms() throws {
        let objective = CrossView(thresholds: (0.6, 0.45))
        var trial = try ObjectiveTrial().prepared(for: objective)
        for cloud in trial.clouds.indices where cloud != 1 {
            trial.clouds[cloud].labels = trial.clouds[cloud].labels.map { _ in -1 }
        }
        let found = try trial.outcome(of: objective, shards: trial.shards(2))
        let expected = Self.reference(objective)(trial)
        #expect(abs(found.value - expected) < 1e-5 * expected)
        trial.clouds[0].strongStudent.logits[2][0] += 1
        #expect(try trial.outcome(of: objective, shards: trial.shards(2)).value != found.value)
    }

    @Test func settingsAndPresets() throws {
        func made(_ yaml: String) throws -> String {
            let settings = try SettingsMapping(yaml: yaml, path: "view.cross")
            return "\(try ObjectiveCatalogue["view.cross"]!.term(settings).objective)"
        }
        #expect(
            try made("{}") == "CrossView(labels: 1, within: 2, across: 0.5, temperature: 4)")
        #expect(
            try made("{preset: large}")
                == "CrossView(labels: 2, within: 2, across: 0.5, temperature: 1)")
        #expect(
            try made("{preset: large, temperature: 2, mask: view, threshold-weak: 0.8}")
                == "CrossView(labels: 2, within: 2, across: 0.5, temperature: 2, "
                + "thresholds: (0.8, 0.2), gate: .view)")
        let error = #expect(throws: SettingsError.self) {
            try made("{threshold-strong: 1.5}")
        }
        #expect(
            error?.description
                == "the settings, line 1: view.cross.threshold-strong is 1.5: give a number from 0.0 to "
                + "1.0.")
    }
}

/// Mistakes that implementations of two views make; contract or reference must reject each.
@Suite struct CrossViewMutantTests {
    private func rejection(of mutant: CrossViewMutant) -> String? {
        do {
            try checkObjective(
                mutant, reference: CrossViewTests.reference(CrossViewMutant.standard))
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test func unchangedObjectivePasses() {
        #expect(rejection(of: CrossViewMutant(mistake: .none)) == nil)
    }

    @Test(arguments: CrossViewMutant.Mistake.allCases.filter { $0 != .none })
    func isRejected(mistake: CrossViewMutant.Mistake) throws {
        let found = try #require(rejection(of: CrossViewMutant(mistake: mistake)))
        #expect(found.contains(mistake.symptom), "\(found)")
    }
}

struct CrossViewMutant: Objective {
    enum Mistake: CaseIterable {
        case none, meanOverTheKept, maskByView, noGradientIntoTheStrongView, viewsSwapped

        var symptom: String {
            switch self {
            case .noGradientIntoTheStrongView: "promises"
            default: "the loss is"
            }
        }
    }

    static let name = "mutant.view"
    static let standard = CrossView(temperature: 2, thresholds: (0.6, 0.45))
    let mistake: Mistake
    private var base: CrossView { Self.standard }
    var needs: Needs { base.needs }
    var description: String { "CrossViewMutant(\(mistake))" }

    func exchange(for pair: NetworkPair) throws -> ExchangeForm { try base.exchange(for: pair) }
    func contribution(of input: ObjectiveInput) throws -> Contribution {
        try base.contribution(of: input)
    }

    func loss(of input: ObjectiveInput, given totals: Totals) throws -> Tensor {
        switch mistake {
        case .none: return try base.loss(of: input, given: totals)
        case .meanOverTheKept:
            var counts = try totals.counts(4, for: base)
            counts[0] = max(counts[2], 1)
            return try base.loss(of: input, given: Totals(Contribution(counts: counts)))
        case .maskByView:
            var other = base
            other.gate = .view
            return try other.loss(of: input, given: totals)
        case .noGradientIntoTheStrongView:
            let strong = try #require(input.strong)
            let blind = ObjectiveInput(
                hierarchy: input.hierarchy, positions: input.positions, samples: input.samples,
                cloudIDs: input.cloudIDs, labels: input.labels, classes: input.classes,
                student: input.student, teacher: input.teacher,
                strong: .init(student: strong.student.detached, teacher: strong.teacher),
                seed: input.seed, step: input.step)
            return try base.loss(of: blind, given: totals)
        case .viewsSwapped:
            var other = base
            other.thresholds = (base.thresholds.strong, base.thresholds.weak)
            return try other.loss(of: input, given: totals)
        }
    }
}
